import { execFile } from 'node:child_process';
import { symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { createTemporaryFolder } from '@sorcha/storage/testing';
import { describe, expect, it, onTestFinished } from 'vitest';

const ROOT = join(import.meta.dirname, '..', '..');
const CONFIG = `
  import { CountsReporter } from "${ROOT}/tests/runner/counts-reporter.ts";
  export default { test: { runner: '${ROOT}/tests/runner/server-test-runner.ts', reporters: [new CountsReporter()] } };`;
const IMPORTS = `
  import { afterAll, beforeAll, describe, expect, it } from 'vitest';
  import { MissingServerError } from "${ROOT}/tests/servers/missing-server.ts";
  const startServer = async () => { throw new MissingServerError('Redis', 'Get it with "get redis".'); };`;
const FILES = {
  'loading.test.ts': `await startServer(); it('is not reached', () => {});`,
  'hook.test.ts': `describe('a group', () => {
    let server;
    beforeAll(async () => { server = await startServer(); });
    afterAll(() => server.stop());
    it('one', () => {});
    describe('inside', () => { it('two', () => {}); });
  });`,
  'suites.test.ts': `
    describe('CacheStore on redis', () => {
      it('needs the server', startServer);
      it('does not', () => {});
      describe('inside', () => { it('does not either', () => {}); });
    });
    describe('CacheStore on memory', () => { it('fails', () => expect(1).toBe(2)); });
    describe('WormStore on tape', () => { it('passes', () => {}); });`,
};

interface Run {
  readonly exitCode: number;
  readonly stdout: string;
}

/** Runs the tests of the files above in a process of their own. */
async function runTests(env: Readonly<Record<string, string>>, files: Readonly<Record<string, string>>): Promise<Run> {
  const folder = await createTemporaryFolder(onTestFinished);
  await symlink(join(ROOT, 'node_modules'), join(folder, 'node_modules'));
  await writeFile(join(folder, 'vitest.config.mjs'), CONFIG);
  for (const [name, text] of Object.entries(files)) {
    await writeFile(join(folder, name), `${IMPORTS}\n${text}`);
  }
  const program = join(ROOT, 'node_modules', 'vitest', 'vitest.mjs');
  return new Promise((resolve) => {
    const options = { cwd: folder, env: { PATH: process.env['PATH'], NO_COLOR: '1', ...env } };
    execFile(process.execPath, [program, 'run'], options, (error, stdout) =>
      resolve({ exitCode: typeof error?.code === 'number' ? error.code : 0, stdout }),
    );
  });
}

const REASON = 'Redis is not here. Get it with "get redis".';

describe('the closing lines of a run without a server', () => {
  it('name what was skipped for want of it, and the run is not failed by it', async () => {
    const { 'suites.test.ts': _, ...files } = FILES;
    const { exitCode, stdout } = await runTests({}, files);
    expect(stdout.trim().split('\n')).toEqual([
      `skipped: hook.test.ts: a group (2 tests): ${REASON}`,
      `skipped: loading.test.ts: ${REASON}`,
      '',
      '0 passed, 0 failed, 3 skipped',
    ]);
    expect(exitCode).toBe(0);
  });

  it('show what each provider has shown, with what failed and what was not run', async () => {
    const { exitCode, stdout } = await runTests({}, { 'suites.test.ts': FILES['suites.test.ts'] });
    expect(stdout.trim().split('\n')).toEqual([
      'conformance        memory  sqlite  postgres  mongodb          redis  tape',
      'CacheStore   0 ✗ 1 failed       ·         ·        ·  2 ! 1 skipped     ·',
      'WormStore               ·       ·         ·        ·              ·     1',
      '',
      `skipped: suites.test.ts: CacheStore on redis > needs the server: ${REASON}`,
      '',
      '3 passed, 1 failed, 1 skipped',
    ]);
    expect(exitCode).toBe(1);
  });

  it('count it as failed in CI, each file, hook and test once', async () => {
    const { exitCode, stdout } = await runTests({ CI: '1' }, FILES);
    // The hook that fails for want of the server, and the one that then has nothing to stop.
    expect(stdout.trim().split('\n').at(-1)).toBe('3 passed, 5 failed, 2 skipped');
    expect(exitCode).toBe(1);
  });
});
