import { execFileSync, spawnSync } from 'node:child_process';
import {
  chmodSync,
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, onTestFinished, vi } from 'vitest';
import { hashFolder } from './hash-folder.ts';
import { collectRun, parseLine, runForJson as run, runSorcha, startSorcha } from './run-sorcha.ts';

const DOCKETS = 6;
const root = mkdtempSync(join(tmpdir(), 'sorcha-surroundings-'));
const pristine = join(root, 'pristine');

beforeAll(async () => {
  const args = ['seed', '--data', pristine, '--dockets', String(DOCKETS), '--transactions', '2'];
  expect(await runSorcha([...args, '--algorithms', 'ed25519'])).toMatchObject({ exitCode: 0 });
});
afterAll(() => rmSync(root, { recursive: true, force: true }));

function copyPristine(): string {
  const folder = join(mkdtempSync(join(root, 'case-')), 'data');
  cpSync(pristine, folder, { recursive: true });
  return folder;
}

/** The superuser may write everything, so it gives up that right. */
const asOther =
  process.geteuid?.() === 0
    ? ['setpriv', ...['--bounding-set', '--inh-caps'].map((set) => `${set}=-dac_override,-dac_read_search`)]
    : [];

describe('a folder that cannot be written', () => {
  function copyReadOnly(): string {
    const folder = copyPristine();
    const change = (path: string, isWritable: boolean) => {
      const isFolder = statSync(path).isDirectory();
      chmodSync(path, (isFolder ? 0o555 : 0o444) | (isWritable ? 0o200 : 0));
      for (const name of isFolder ? readdirSync(path) : []) {
        change(join(path, name), isWritable);
      }
    };
    change(folder, false);
    // Whoever verifies needs no private key.
    chmodSync(join(folder, 'node.key.json'), 0);
    onTestFinished(() => change(folder, true));
    return folder;
  }

  it('is really not writable for the program', () => {
    const folder = copyReadOnly();
    const [command, ...rest] = [...asOther, 'touch', join(folder, 'new')];
    expect(spawnSync(command, rest).status).toBe(1);
  });

  it('is verified, counted and shown, without its private key', async () => {
    const folder = copyReadOnly();
    const before = hashFolder(folder);
    expect(await run(['verify', '--data', folder], { through: asOther })).toMatchObject({
      exitCode: 0,
      isProven: true,
    });
    expect(await run(['status', '--data', folder], { through: asOther })).toMatchObject({ exitCode: 0 });
    expect(await run(['show', 'docket', '0', '--data', folder], { through: asOther })).toMatchObject({ exitCode: 0 });
    expect(hashFolder(folder)).toBe(before);
  });

  it.each([
    [['append', '--payload', '1'], 'UNAVAILABLE'],
    [['seed', '--dockets', '1', '--algorithms', 'ed25519'], 'UNAVAILABLE'],
    [['tamper', 'drop', '--really'], 'UNAVAILABLE'],
  ])('refuses %j', async (args, code) => {
    const folder = copyReadOnly();
    chmodSync(join(folder, 'node.key.json'), 0o400);
    const before = hashFolder(folder);
    expect(await run([...args, '--data', folder], { through: asOther })).toMatchObject({ exitCode: 1, code });
    expect(hashFolder(folder)).toBe(before);
  });

  it('takes nothing from whoever may not read its private key', async () => {
    const folder = copyReadOnly();
    const before = hashFolder(folder);
    for (const args of [
      ['append', '--payload', '1'],
      ['adopt', '--really'],
    ]) {
      const refused = await run([...args, '--data', folder], { through: asOther });
      expect(refused).toMatchObject({ exitCode: 1, code: 'FOLDER_UNREADABLE' });
    }
    expect(hashFolder(folder)).toBe(before);
  });

  it('is not called damaged where this user may not read it', async () => {
    const folder = copyPristine();
    chmodSync(join(folder, 'sorcha.json'), 0);
    const refused = await run(['verify', '--data', folder], { through: asOther });
    expect(refused).toMatchObject({ exitCode: 1, code: 'FOLDER_UNREADABLE' });
  });

  it('cannot become the home of a new data folder', async () => {
    const folder = copyReadOnly();
    expect(await run(['init', '--data', join(folder, 'new')], { through: asOther })).toMatchObject({
      exitCode: 1,
      code: 'FOLDER_UNWRITABLE',
    });
  });
});

describe('a docket of which it is not known whether it is sealed', () => {
  it('is found by the transactions that the error names', async () => {
    const folder = copyPristine();
    const hashes = join(folder, 'anchors', 'main', 'hashes');
    chmodSync(hashes, 0o444);
    const failed = await run(['append', '--payload', '1', '--data', folder], { through: asOther });
    expect(failed).toMatchObject({ exitCode: 1, code: 'OUTCOME_UNKNOWN' });
    const id = /"sorcha show transaction ([0-9a-f]{64})"/.exec(String(failed['message']))?.[1] ?? '';
    chmodSync(hashes, 0o644);
    expect(await run(['show', 'transaction', id, '--data', folder])).toMatchObject({ exitCode: 0, height: DOCKETS });
  });

  it('is told of a seed with what is durable before it', async () => {
    const folder = copyPristine();
    chmodSync(join(folder, 'anchors', 'main', 'hashes'), 0o444);
    const seed = ['seed', '--dockets', '1', '--algorithms', 'ed25519', '--data', folder];
    const failed = await run(seed, { through: asOther });
    expect(failed).toMatchObject({ exitCode: 1, code: 'OUTCOME_UNKNOWN' });
    expect(failed['message']).toContain('0 dockets before it are sealed and durable');
  });
});

describe('output that cannot be written', () => {
  it.each([
    [['verify'], '/dev/full'],
    [['append', '--payload', '1', '--count', '1000000'], '/dev/full'],
    [['--help'], '/dev/full'],
  ])('is an error: %j to %s', async (args, target) => {
    const through = ['sh', '-c', `exec "$@" > ${target}`, 'sh'];
    const folder = copyPristine();
    expect(await run([...args, '--data', folder], { through })).toMatchObject({
      exitCode: 1,
      code: 'OUTPUT_UNWRITABLE',
    });
    expect(await run(['verify', '--data', folder])).toMatchObject({ exitCode: 0, isProven: true });
  });

  it('is an error also when a part of it was written', async () => {
    const file = join(mkdtempSync(join(root, 'case-')), 'out');
    writeFileSync(file, Buffer.alloc(1_048_576 - 100));
    const through = ['bash', '-c', `ulimit -f 1024 && exec "$@" >> '${file}'`, 'bash'];
    const found = await run(['verify', '--data', copyPristine()], { through });
    expect(found).toMatchObject({ exitCode: 1, code: 'OUTPUT_UNWRITABLE' });
    expect(statSync(file).size).toBe(1_048_576);
  });
});

describe('a disk that gets full', () => {
  /** A small disk where this process may mount one, else a limit on the size of files. */
  function createSmallDisk(): { folder: string; through: readonly string[]; free: () => void } {
    const folder = mkdtempSync(join(root, 'disk-'));
    try {
      execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=1m', 'tmpfs', folder], { stdio: 'ignore' });
    } catch {
      process.stderr.write('full disk: no right to mount one, so a limit on the size of files stands for it\n');
      const limit = ['bash', '-c', 'ulimit -f 600 && exec "$@"', 'bash'];
      return { folder: join(folder, 'data'), through: limit, free: () => limit.splice(0) };
    }
    onTestFinished(() => void execFileSync('umount', ['-l', folder]));
    const ballast = join(folder, 'ballast');
    writeFileSync(ballast, Buffer.alloc(200_000));
    return { folder: join(folder, 'data'), through: [], free: () => rmSync(ballast) };
  }

  it('ends an append with a typed error, keeps what was acknowledged, and goes on when there is room', async () => {
    const { folder, through, free } = createSmallDisk();
    expect(await run(['init', '--data', folder], { through })).toMatchObject({ exitCode: 0 });
    const payload = JSON.stringify('x'.repeat(5_000));
    const append = ['append', '--data', folder, '--payload', payload, '--count', '100000', '--json'];
    const { exitCode, stdout, stderr } = await runSorcha(append, { through });
    expect({ exitCode, stderr }).toMatchObject({ exitCode: 1 });
    expect(parseLine(stderr)['code']).toBeOneOf(['UNAVAILABLE', 'OUTCOME_UNKNOWN']);
    const acknowledged = stdout.trimEnd().split('\n').map(parseLine);
    expect(acknowledged.length).toBeGreaterThan(10);
    free();
    const found = await run(['verify', '--data', folder], { through });
    expect(found).toMatchObject({ exitCode: 0, isProven: true, ranges: [] });
    expect(Number(found['totalDockets']) - acknowledged.length).toBeOneOf([0, 1]);
    const last = acknowledged.at(-1);
    expect(await run(['show', 'docket', String(last?.['height']), '--data', folder], { through })).toMatchObject({
      hash: last?.['hash'],
    });
    expect(await run(['append', '--data', folder, '--payload', '1'], { through })).toMatchObject({ exitCode: 0 });
    expect(await run(['verify', '--data', folder], { through })).toMatchObject({ exitCode: 0, anchor: 'matched' });
  });
});

describe('Ctrl-C', () => {
  it('ends a seed with everything durable that it counts', async () => {
    const folder = join(mkdtempSync(join(root, 'case-')), 'data');
    const seed = ['seed', '--data', folder, '--dockets', '100000', '--algorithms', 'ed25519', '--json'];
    const child = startSorcha(seed);
    const ended = collectRun(child);
    const head = join(folder, 'anchors', 'main', 'head-0000000000000001');
    await vi.waitFor(() => expect(existsSync(head)).toBe(true), { timeout: 20_000, interval: 5 });
    child.kill('SIGINT');
    const { exitCode, stdout, stderr } = await ended;
    const error = parseLine(stderr);
    expect({ exitCode, stdout, code: error['code'] }).toEqual({ exitCode: 130, stdout: '', code: 'INTERRUPTED' });
    const counted = /^Interrupted; ([\d,]+) of 100,000 dockets are sealed/.exec(String(error['message']))?.[1];
    const sealed = Number(counted?.replaceAll(',', ''));
    expect(sealed).toBeGreaterThan(0);
    expect(await run(['verify', '--data', folder])).toMatchObject({ exitCode: 0, totalDockets: sealed });
  });
});

describe('a reader that has seen enough', () => {
  it('is no error', async () => {
    const folder = copyPristine();
    const child = startSorcha(['append', '--data', folder, '--payload', '1', '--count', '100000']);
    child.stdout?.once('data', () => child.stdout?.destroy());
    const { exitCode, stderr } = await collectRun(child);
    expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: '' });
    expect(await run(['verify', '--data', folder])).toMatchObject({ exitCode: 0, isProven: true });
  });
});

describe('several programs on one folder', () => {
  it('append side by side without losing or repeating a docket, while others verify', async () => {
    const folder = copyPristine();
    const append = async () => {
      const args = ['append', '--data', folder, '--payload', '"same"', '--count', '150', '--json'];
      const { exitCode, stdout, stderr } = await runSorcha(args);
      expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: '' });
      return stdout.trimEnd().split('\n').map(parseLine);
    };
    const verify = async () => {
      for (let turn = 0; turn < 5; turn++) {
        expect(await run(['verify', '--data', folder])).toMatchObject({ exitCode: 0, isProven: true });
      }
      return [];
    };
    const printed = (await Promise.all([append(), append(), verify()])).flat();
    const heights = printed.map(({ height }) => Number(height)).sort((a, b) => a - b);
    expect(heights).toEqual(Array.from({ length: 300 }, (_, index) => DOCKETS + index));
    expect(await run(['verify', '--data', folder])).toMatchObject({ totalDockets: DOCKETS + 300, anchor: 'matched' });
  });

  it('seed side by side, each all that it was asked for', async () => {
    const folder = copyPristine();
    const seed = ['seed', '--data', folder, '--dockets', '10', '--transactions', '600', '--algorithms', 'ed25519'];
    const seeded = await Promise.all([run(seed), run(seed)]);
    expect(seeded).toMatchObject([
      { exitCode: 0, dockets: 10 },
      { exitCode: 0, dockets: 10 },
    ]);
    expect(new Set(seeded.map(({ firstHeight }) => firstHeight)).size).toBe(2);
    for (const { lastHeight, headHash } of seeded) {
      const shown = await run(['show', 'docket', String(lastHeight), '--data', folder]);
      expect(shown).toMatchObject({ exitCode: 0, hash: headHash });
    }
    expect(await run(['verify', '--data', folder])).toMatchObject({ totalDockets: DOCKETS + 20, anchor: 'matched' });
  });

  it('create one folder together', async () => {
    const folder = join(mkdtempSync(join(root, 'case-')), 'data');
    const created = await Promise.all(Array.from({ length: 3 }, () => run(['init', '--data', folder])));
    expect(created.map(({ exitCode }) => exitCode)).toEqual([0, 0, 0]);
    expect(new Set(created.map(({ node }) => node)).size).toBe(1);
    expect(await run(['append', '--data', folder, '--payload', '1'])).toMatchObject({ exitCode: 0 });
    expect(await run(['verify', '--data', folder])).toMatchObject({ exitCode: 0 });
  });
});

describe('a creation that was interrupted', () => {
  it('leaves no half of a file behind when the disk is full', async () => {
    const folder = join(mkdtempSync(join(root, 'case-')), 'data');
    const env = { NODE_COMPILE_CACHE: join(root, 'compiled') };
    const full = { through: ['prlimit', '--fsize=100'], env };
    expect(await run(['init', '--data', folder], full)).toMatchObject({ exitCode: 1, code: 'FOLDER_UNWRITABLE' });
    expect(readdirSync(folder)).toEqual(['.unfinished']);
    expect(await run(['init', '--data', folder])).toMatchObject({ exitCode: 0, creation: 'finished' });
  });

  it.each([[[]], [['node.key.json']], [['node.key.json', 'wallet.json', 'cold']]])(
    'is finished by init and keeps what is there: %j',
    async (present) => {
      const folder = join(mkdtempSync(join(root, 'case-')), 'data');
      mkdirSync(folder);
      writeFileSync(join(folder, '.unfinished'), '');
      for (const name of present) {
        cpSync(join(pristine, name), join(folder, name), { recursive: true });
      }
      const result = await run(['init', '--data', folder]);
      expect(result).toMatchObject({ exitCode: 0, creation: 'finished' });
      const original = await run(['status', '--data', pristine]);
      expect(result['node'] === original['node']).toBe(present.length > 0);
      expect(existsSync(join(folder, '.unfinished'))).toBe(false);
    },
  );
});
