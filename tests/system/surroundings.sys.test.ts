import { execFileSync, spawnSync } from 'node:child_process';
import {
  chmodSync,
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  openSync,
  readdirSync,
  rmSync,
  statSync,
  truncateSync,
  writeFileSync,
  writeSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, onTestFinished, vi } from 'vitest';
import { hashFolder } from './hash-folder.ts';
import { collectRun, parseLine, runSorcha, type SorchaOptions, startSorcha } from './run-sorcha.ts';

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

type Outcome = { readonly exitCode: number | null; readonly [member: string]: unknown };

/** Runs a command and returns its exit code with the last line of JSON that it printed, to stderr if there is one. */
async function run(args: readonly string[], options: SorchaOptions = {}): Promise<Outcome> {
  const { exitCode, stdout, stderr } = await runSorcha([...args, '--json'], options);
  const line = (stderr || stdout).trimEnd().split('\n').at(-1) ?? '';
  return { ...parseLine(line), exitCode };
}

describe('a folder that cannot be written', () => {
  /** The superuser may write everything, so it gives up that right. */
  const through =
    process.geteuid?.() === 0
      ? ['setpriv', ...['--bounding-set', '--inh-caps'].map((set) => `${set}=-dac_override,-dac_read_search`)]
      : [];

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
    const [command, ...rest] = [...through, 'touch', join(folder, 'new')];
    expect(spawnSync(command, rest).status).toBe(1);
  });

  it('is verified, counted and shown, without its private key', async () => {
    const folder = copyReadOnly();
    const before = hashFolder(folder);
    expect(await run(['verify', '--data', folder], { through })).toMatchObject({ exitCode: 0, isProven: true });
    expect(await run(['status', '--data', folder], { through })).toMatchObject({ exitCode: 0 });
    expect(await run(['show', 'docket', '0', '--data', folder], { through })).toMatchObject({ exitCode: 0 });
    expect(hashFolder(folder)).toBe(before);
  });

  it.each([
    [['append', '--payload', '1'], 'UNAVAILABLE'],
    [['seed', '--dockets', '1'], 'UNAVAILABLE'],
    [['adopt', '--really'], 'UNAVAILABLE'],
    [['tamper', 'drop', '--really'], 'UNAVAILABLE'],
  ])('refuses %j', async (args, code) => {
    const folder = copyReadOnly();
    const before = hashFolder(folder);
    expect(await run([...args, '--data', folder], { through })).toMatchObject({ exitCode: 1, code });
    expect(hashFolder(folder)).toBe(before);
  });

  it('cannot become the home of a new data folder', async () => {
    const folder = copyReadOnly();
    expect(await run(['init', '--data', join(folder, 'new')], { through })).toMatchObject({
      exitCode: 1,
      code: 'FOLDER_UNWRITABLE',
    });
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

describe('a lost part of the data folder', () => {
  it.each([
    ['is gone', (path: string) => rmSync(path)],
    ['was emptied', (path: string) => truncateSync(path)],
  ])('is MissingData everywhere when the cold store %s', async (_name, damage) => {
    const folder = copyPristine();
    damage(join(folder, 'cold', 'cold.sqlite'));
    const before = hashFolder(folder);
    const at = ['--data', folder];
    expect(await run(['verify', ...at])).toMatchObject({
      exitCode: 3,
      isProven: false,
      totalDockets: DOCKETS,
      verifiedDockets: 0,
      ranges: [{ from: 0, to: DOCKETS - 1, kind: 'MissingData' }],
    });
    expect(await run(['status', ...at])).toMatchObject({ exitCode: 3, registers: [{ stored: 0, state: 'missing' }] });
    const shown = await run(['show', 'docket', '0', ...at]);
    expect(shown).toMatchObject({ exitCode: 3, code: 'CORRUPTED' });
    expect(shown['message']).toContain('MissingData');
    for (const args of [
      ['append', '--payload', '1'],
      ['seed', '--dockets', '1'],
      ['adopt', '--really'],
    ]) {
      expect(await run([...args, ...at])).toMatchObject({ exitCode: 3, code: 'DEGRADED' });
    }
    expect(await run(['seed', '--dockets', '1', '--algorithms', 'ed25519', '--register', 'new', ...at])).toMatchObject({
      exitCode: 1,
      code: 'UNAVAILABLE',
    });
    rmSync(join(folder, 'anchors', 'new'), { recursive: true, force: true });
    expect(hashFolder(folder)).toBe(before);
  });

  it('is made anew when nothing was ever sealed', async () => {
    const folder = join(mkdtempSync(join(root, 'case-')), 'data');
    await run(['init', '--data', folder]);
    rmSync(join(folder, 'cold', 'cold.sqlite'));
    expect(await run(['verify', '--data', folder])).toMatchObject({ exitCode: 0, isProven: true, anchor: 'fresh' });
    expect(await run(['append', '--payload', '1', '--data', folder])).toMatchObject({ exitCode: 0, height: 0 });
  });

  it('leaves the register unproven without its anchored head, until an operator adopts what is stored', async () => {
    const folder = copyPristine();
    const at = ['--data', folder];
    rmSync(join(folder, 'anchors'), { recursive: true });
    expect(await run(['verify', ...at])).toMatchObject({ exitCode: 3, isProven: false, anchor: 'absent', ranges: [] });
    expect(await run(['status', ...at])).toMatchObject({ exitCode: 3, registers: [{ state: 'unanchored' }] });
    expect(await run(['append', '--payload', '1', ...at])).toMatchObject({ exitCode: 3, code: 'DEGRADED' });
    expect(await run(['adopt', ...at])).toMatchObject({ exitCode: 2, code: 'NOT_CONFIRMED' });
    expect(await run(['adopt', '--really', ...at])).toMatchObject({ exitCode: 0, adoption: 'adopted', size: DOCKETS });
    expect(await run(['verify', ...at])).toMatchObject({ exitCode: 0, anchor: 'matched' });
    expect(await run(['append', '--payload', '1', ...at])).toMatchObject({ exitCode: 0, height: DOCKETS });
    const before = hashFolder(folder);
    expect(await run(['adopt', '--really', ...at])).toMatchObject({ exitCode: 0, adoption: 'unneeded' });
    expect(hashFolder(folder)).toBe(before);
  });

  it('is not adopted when something stored does not verify', async () => {
    const folder = copyPristine();
    const at = ['--data', folder];
    await run(['tamper', 'edit-payload', '--really', ...at]);
    rmSync(join(folder, 'anchors'), { recursive: true });
    expect(await run(['adopt', '--really', ...at])).toMatchObject({ exitCode: 3, code: 'DEGRADED' });
    expect(await run(['verify', ...at])).toMatchObject({ exitCode: 3, anchor: 'absent' });
  });

  it('is an error, not a finding, when the anchored head is signed by another node', async () => {
    const folder = copyPristine();
    const stranger = join(mkdtempSync(join(root, 'case-')), 'data');
    await run(['seed', '--dockets', '6', '--algorithms', 'ed25519', '--data', stranger]);
    cpSync(join(stranger, 'anchors'), join(folder, 'anchors'), { recursive: true });
    for (const args of [['verify'], ['status'], ['show', 'docket', '0'], ['append', '--payload', '1']]) {
      expect(await run([...args, '--data', folder])).toMatchObject({ exitCode: 1, code: 'ANCHOR_INVALID' });
    }
  });
});

describe('a node key of another folder', () => {
  it('signs nothing, even before there is a head', async () => {
    const folder = join(mkdtempSync(join(root, 'case-')), 'data');
    await run(['init', '--data', folder]);
    cpSync(join(pristine, 'node.key.json'), join(folder, 'node.key.json'));
    const before = hashFolder(folder);
    expect(await run(['append', '--payload', '1', '--data', folder])).toMatchObject({
      exitCode: 1,
      code: 'DAMAGED_FOLDER',
    });
    expect(hashFolder(folder)).toBe(before);
  });
});

describe('a database of another version', () => {
  it('is refused by every command and not changed', async () => {
    const folder = copyPristine();
    const descriptor = openSync(join(folder, 'cold', 'cold.sqlite'), 'r+');
    // user_version is the big-endian number at byte 60 of the header.
    writeSync(descriptor, Uint8Array.of(0, 0, 0, 2), 0, 4, 60);
    const before = hashFolder(folder);
    for (const args of [
      ['verify'],
      ['status'],
      ['show', 'docket', '0'],
      ['append', '--payload', '1'],
      ['seed', '--dockets', '1'],
      ['tamper', 'drop', '--really'],
    ]) {
      expect(await run([...args, '--data', folder])).toMatchObject({ exitCode: 1, code: 'INCOMPATIBLE_SERVER' });
    }
    expect(hashFolder(folder)).toBe(before);
  });
});

describe('Ctrl-C', () => {
  it('ends a seed with everything durable that it counts', async () => {
    const folder = join(mkdtempSync(join(root, 'case-')), 'data');
    const seed = ['seed', '--data', folder, '--dockets', '100000', '--algorithms', 'ed25519', '--json'];
    const child = startSorcha(seed);
    const ended = collectRun(child);
    await vi.waitFor(() => expect(existsSync(join(folder, 'anchors', 'main'))).toBe(true), { timeout: 20_000 });
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
