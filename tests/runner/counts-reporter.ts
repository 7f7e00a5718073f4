import type { Reporter, SerializedError, TestModule } from 'vitest/node';

/**
 * Prints the closing line of a run, `N passed, N failed, N skipped`, after every other reporter.
 *
 * Modules that fail to load and errors outside any test count as failures: a run that lost tests must not look green.
 */
export class CountsReporter implements Reporter {
  onTestRunEnd(modules: ReadonlyArray<TestModule>, unhandledErrors: ReadonlyArray<SerializedError>): void {
    const counts = { passed: 0, failed: unhandledErrors.length, skipped: 0, pending: 0 };
    for (const module of modules) {
      counts.failed += module.errors().length;
      for (const test of module.children.allTests()) {
        counts[test.result().state] += 1;
      }
    }
    const skipped = counts.skipped + counts.pending;
    const tail = skipped > 0 ? `, ${skipped} skipped` : '';
    process.on('exit', () => {
      process.stdout.write(`\n${counts.passed} passed, ${counts.failed} failed${tail}\n`);
    });
  }
}
