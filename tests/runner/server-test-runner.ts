import { type RunnerTestCase, type RunnerTestSuite, TestRunner } from 'vitest';

declare module 'vitest' {
  interface TaskMeta {
    /** Why the test, or the file that did not load, was not run: the message of a `MissingServerError`. */
    missingServer?: string;
  }
}

/** In CI a server that cannot be had is a failure like any other. */
const isLenient = [undefined, '', '0', 'false'].includes(process.env['CI']);

/**
 * Turns what failed for want of a server into skipped, outside CI; the closing lines of the run name it.
 *
 * The tests ask for their servers and know nothing of this: it is seen from the error that they fail with.
 */
export default class ServerTestRunner extends TestRunner {
  /** A file that asks for its server while it is loaded fails before it has any test. */
  override async onBeforeRunSuite(suite: RunnerTestSuite): Promise<void> {
    if (isWithoutServer(suite)) {
      suite.mode = 'skip';
      delete suite.result;
    }
    await super.onBeforeRunSuite(suite);
  }

  /** A hook before all tests of a suite asked for the server, and none of them ran. */
  override async onAfterRunSuite(suite: RunnerTestSuite): Promise<void> {
    if (isWithoutServer(suite)) {
      suite.result = { state: 'skip' };
      noteBelow(suite, suite.meta.missingServer ?? '');
    }
    await super.onAfterRunSuite(suite);
  }

  override onAfterRunTask(test: RunnerTestCase): void {
    if (isWithoutServer(test)) {
      test.mode = 'skip';
      test.result = { state: 'skip' };
    }
    super.onAfterRunTask(test);
  }
}

/** Says whether the first thing that went wrong is that a server is missing, and notes it; what follows comes of it. */
function isWithoutServer(task: RunnerTestCase | RunnerTestSuite): boolean {
  const [error] = task.result?.state === 'fail' ? (task.result.errors ?? []) : [];
  if (!isLenient || error?.name !== 'MissingServerError') {
    return false;
  }
  task.meta.missingServer = error.message;
  return true;
}

function noteBelow(suite: RunnerTestSuite, reason: string): void {
  for (const task of suite.tasks) {
    task.meta.missingServer = reason;
    if (task.type === 'suite') {
      noteBelow(task, reason);
    }
  }
}
