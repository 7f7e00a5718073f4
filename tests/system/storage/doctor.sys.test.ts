import { once } from 'node:events';
import { mkdir, readdir, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { createTemporaryFolder } from '@sorcha/storage/testing';
import { startPostgres, startRedis } from '@sorcha/test-servers';
import { describe, expect, it, onTestFinished } from 'vitest';
import { collectRun, parseLine, runSorcha, type SorchaOptions, startSorcha } from '../run-sorcha.ts';
import { expectNoSecret, SECRET } from './create-start-check.ts';

const ESCAPE = '\u001b';

/** A folder to run in, with that text as `sorcha.jsonc`. */
async function createFolder(text: string): Promise<string> {
  const folder = await createTemporaryFolder(onTestFinished);
  await writeFile(join(folder, 'sorcha.jsonc'), text);
  return folder;
}

/** Runs `sorcha doctor` on a configuration in a folder of its own; nothing that it prints has a secret. */
async function runDoctor(storage: object, options: SorchaOptions = {}, ...words: readonly string[]) {
  const cwd = await createFolder(JSON.stringify({ storage }, null, 2));
  const run = await runSorcha(['doctor', '--config', 'sorcha.jsonc', ...words], { cwd, ...options });
  expectNoSecret(run);
  return { ...run, cwd };
}

describe('sorcha doctor', () => {
  it('says line by line that what is configured works, and makes nothing', async () => {
    const redis = await startRedis({ onEnd: onTestFinished });
    const postgres = await startPostgres({ onEnd: onTestFinished });
    const url = await postgres.createDatabase();
    const storage = {
      hot: { provider: 'redis', url: redis.url },
      warm: { relational: { provider: 'postgres', url }, documents: { provider: 'memory' } },
    };
    const { exitCode, stdout, stderr, cwd } = await runDoctor(storage);
    expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: '' });
    expect(stdout.split('\n').map((line) => line.replace(/\s{2,}/g, '  '))).toEqual([
      expect.stringMatching(/^ +what +found$/),
      'ok  configuration  "sorcha.jsonc" and the environment: every setting is known and in its bounds',
      expect.stringMatching(/^ok {2}storage\.hot {2}redis: .*127\.0\.0\.1:\d+/),
      expect.stringMatching(/^ok {2}storage\.warm\.relational {2}postgres: .* answers, PostgreSQL \d+/),
      'warn  storage.warm.documents  memory: the data ends with the process; use "sqlite" for data that must last',
      'ok  storage.cold  sqlite: "data/cold.sqlite" is not there yet; it can be made',
      '',
      'The storage can be used as it is configured.',
      '',
    ]);
    expect(stdout).not.toContain(new URL(url).password);
    expect(await readdir(cwd)).toEqual(['sorcha.jsonc']);
  });

  it('says of files that are there that they can be used', async () => {
    const folder = await createTemporaryFolder(onTestFinished);
    expect(await runSorcha(['init', '--data', join(folder, 'data')])).toMatchObject({ exitCode: 0 });
    const file = join(folder, 'data', 'cold', 'cold.sqlite');
    const { exitCode, stdout } = await runDoctor({ cold: { provider: 'sqlite', file } });
    expect(exitCode).toBe(0);
    expect(stdout).toContain(`sqlite: "${file}": it can be read and written`);
    expect(stdout).not.toContain('warn');
  });

  it('fails for what cannot be reached: the setting, what was tried and what to do, also as one line of JSON', async () => {
    const storage = {
      hot: { provider: 'redis', url: 'redis://127.0.0.1:1', password: SECRET },
      cold: { provider: 'postgres', url: 'postgres://app@127.0.0.1:1/app' },
    };
    const env = { SORCHA__STORAGE__COLD__PASSWORD: SECRET };
    const { exitCode, stdout, stderr } = await runDoctor(storage, { env });
    expect({ exitCode, stderr }).toEqual({ exitCode: 1, stderr: '' });
    expect(stdout).toMatch(/^FAIL {2}storage\.hot .*127\.0\.0\.1:1 .*\(UNAVAILABLE\); check storage\.hot\.url$/m);
    expect(stdout).toMatch(/^FAIL {2}storage\.cold .*\(UNAVAILABLE\); check storage\.cold\.url$/m);
    expect(stdout).toContain('The storage cannot be used as it is configured: 2 of 5 checks failed.');
    const machine = await runDoctor(storage, { env }, '--json');
    expect({ exitCode: machine.exitCode, stderr: machine.stderr }).toEqual({ exitCode: 1, stderr: '' });
    expect(parseLine(machine.stdout)).toMatchObject({
      schema: 'sorcha.doctor/v1',
      isUsable: false,
      findings: [
        { name: 'configuration', status: 'pass' },
        { name: 'storage.hot', status: 'fail', fix: 'check storage.hot.url' },
        { name: 'storage.warm.relational', status: 'pass' },
        { name: 'storage.warm.documents', status: 'pass' },
        { name: 'storage.cold', status: 'fail', fix: 'check storage.cold.url' },
      ],
    });
  });

  it('lists every mistake with its place, and asks no server then', async () => {
    const storage = { hot: { provider: 'redis', url: `http://:${encodeURIComponent(SECRET)}@cache`, ttlMs: '15m' } };
    const env = { SORCHA__STORAGE__COLD__PROVIDER: 'cassandra', sorcha__storage__hot__ttl_ms: '1' };
    const { exitCode, stdout } = await runDoctor(storage, { env });
    expect(exitCode).toBe(1);
    expect(stdout).toMatch(/^FAIL {2}configuration .*\(sorcha__storage__hot__ttl_ms\); write it in capitals/m);
    expect(stdout).toMatch(/^FAIL {2}storage\.hot\.url .*\(sorcha\.jsonc:5:14\); it must be an address like redis:/m);
    expect(stdout).toMatch(
      /^FAIL {2}storage\.hot\.ttlMs .*"15m" cannot be used \(sorcha\.jsonc:6:16\); it must be a whole/m,
    );
    expect(stdout).toMatch(
      /^FAIL {2}storage\.cold\.provider .*\(SORCHA__STORAGE__COLD__PROVIDER\); it must be "memory"/m,
    );
    expect(stdout).toContain('4 of 4 checks failed.');
  });

  it.each([
    ['is not there', 'nowhere.jsonc', undefined, /cannot be read: ENOENT.*nowhere\.jsonc/],
    ['is a folder', '.', undefined, /cannot be read: EISDIR/],
    ['is empty', 'sorcha.jsonc', '', /The file is empty \(sorcha\.jsonc\)/],
    [
      'is not JSON',
      'sorcha.jsonc',
      '{\n  "storage": {\n    "hot" {} } }',
      /Colon expected \(sorcha\.jsonc:3:11\); correct it/,
    ],
    [
      'sets a name twice',
      'sorcha.jsonc',
      '{"storage":{},\n"storage":{}}',
      /storage .*is set twice \(sorcha\.jsonc:2:1\)/,
    ],
    ['would rewrite the terminal', 'sorcha.jsonc', '{"\\u001b[2J": 1}', /\\u\{1b\}\[2J .*is an unknown setting/],
  ])('names a file that %s', async (_, file, text, told) => {
    const cwd = text === undefined ? await createTemporaryFolder(onTestFinished) : await createFolder(text);
    const { exitCode, stdout, stderr } = await runSorcha(['doctor', '--config', file], { cwd });
    expect({ exitCode, stderr }).toEqual({ exitCode: 1, stderr: '' });
    expect(stdout).toMatch(told);
    expect(stdout).not.toContain(ESCAPE);
  });

  it('without a file looks at the environment and the defaults; an unknown word is a mistake of its own', async () => {
    const cwd = await createTemporaryFolder(onTestFinished);
    await mkdir(join(cwd, 'data'));
    const plain = await runSorcha(['doctor'], { cwd });
    expect(plain).toMatchObject({ exitCode: 0, stderr: '' });
    expect(plain.stdout).toContain('the environment: every setting is known');
    expect(await readdir(join(cwd, 'data'))).toEqual([]);
    expect(await runSorcha(['doctor', 'sorcha.jsonc'], { cwd })).toMatchObject({ exitCode: 2, stdout: '' });
    expect(await runSorcha(['doctor', '--config'], { cwd })).toMatchObject({ exitCode: 2, stdout: '' });
  });

  it('ends at once by Ctrl-C, and leaves no connection to wait for', async () => {
    const silent = createServer();
    silent.listen(0, '127.0.0.1');
    await once(silent, 'listening');
    onTestFinished(() => void silent.close());
    const address = silent.address();
    const url = `postgres://app@127.0.0.1:${typeof address === 'object' ? address?.port : ''}/app`;
    const cwd = await createFolder(
      JSON.stringify({ storage: { cold: { provider: 'postgres', url, connectTimeoutMs: 60_000 } } }),
    );
    const child = startSorcha(['doctor', '--config', 'sorcha.jsonc', '--json'], { cwd });
    const ended = collectRun(child);
    await once(silent, 'connection');
    const startedAt = performance.now();
    child.kill('SIGINT');
    const { exitCode, stdout, stderr } = await ended;
    expect({ exitCode, stdout, code: parseLine(stderr)['code'] }).toEqual({
      exitCode: 130,
      stdout: '',
      code: 'INTERRUPTED',
    });
    expect(performance.now() - startedAt).toBeLessThan(5_000);
  });

  it('colours its marks only where colours are wanted', async () => {
    const coloured = await runDoctor({}, { env: { FORCE_COLOR: '1' } });
    expect(coloured.stdout).toContain(`${ESCAPE}[32mok`);
    const plain = await runDoctor({}, { env: { FORCE_COLOR: '1', NO_COLOR: '1' } });
    expect(plain).toMatchObject({ exitCode: 0, stderr: '' });
    expect(plain.stdout).not.toContain(ESCAPE);
  });
});
