import { cpSync, mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { EXIT, EXIT_MEANINGS } from '../../apps/cli/src/exit-codes.ts';
import { hashFolder } from './hash-folder.ts';
import { parseLine, runSorcha } from './run-sorcha.ts';

const ESCAPE = '\u001b';
const DOCKETS = 30;
const root = mkdtempSync(join(tmpdir(), 'sorcha-commands-'));
const pristine = join(root, 'pristine');

beforeAll(async () => {
  const run = await runSorcha(['seed', '--data', pristine, '--dockets', String(DOCKETS), '--transactions', '4']);
  expect(run).toMatchObject({ exitCode: 0, stderr: '' });
  expect(run.stdout).toContain('Sealed 30 dockets with 120 signed transactions.');
});
afterAll(() => rmSync(root, { recursive: true, force: true }));

/** A copy of the seeded folder that a test may change. */
function copyPristine(): string {
  const folder = join(mkdtempSync(join(root, 'case-')), 'data');
  cpSync(pristine, folder, { recursive: true });
  return folder;
}

/** Runs a command that succeeds without a word on stderr, and returns its one line of JSON. */
async function runJson(args: readonly string[]): Promise<Record<string, unknown>> {
  const { exitCode, stdout, stderr } = await runSorcha([...args, '--json']);
  expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: '' });
  return parseLine(stdout);
}

const sealedTransaction = z.looseObject({
  id: z.string(),
  body: z.looseObject({ signer: z.looseObject({ algorithm: z.string() }) }),
});
const transactionsOf = (docket: Record<string, unknown>) => z.array(sealedTransaction).parse(docket['transactions']);
const idsOf = (appended: Record<string, unknown>) => z.array(z.string()).parse(appended['transactionIds']);

describe('init', () => {
  it('creates a folder once, and leaves it alone afterwards', async () => {
    const folder = join(mkdtempSync(join(root, 'case-')), 'deep', 'data');
    expect(await runJson(['init', '--data', folder, '--register', 'ledger'])).toMatchObject({
      schema: 'sorcha.init/v1',
      creation: 'created',
      register: 'ledger',
    });
    const before = hashFolder(folder);
    expect(await runJson(['init', '--data', folder])).toMatchObject({ creation: 'existing', register: 'ledger' });
    expect(hashFolder(folder)).toBe(before);
    expect(statSync(join(folder, 'node.key.json')).mode & 0o777).toBe(0o600);
    expect(statSync(join(folder, 'wallet.json')).mode & 0o777).toBe(0o600);
    expect(await runJson(['verify', '--data', folder])).toMatchObject({ verdict: 'empty', anchor: 'fresh' });
  });
});

describe('seed', () => {
  it('seals the wanted dockets with every algorithm and goes on where it ended', async () => {
    const folder = copyPristine();
    const seeded = await runJson(['seed', '--data', folder, '--dockets', '3', '--transactions', '20']);
    expect(seeded).toMatchObject({
      schema: 'sorcha.seed/v1',
      isNewFolder: false,
      dockets: 3,
      transactions: 60,
      firstHeight: 30,
      lastHeight: 32,
    });
    const docket = await runJson(['show', 'docket', '31', '--data', folder]);
    const counts = new Map<string, number>();
    for (const { body } of transactionsOf(docket)) {
      counts.set(body.signer.algorithm, (counts.get(body.signer.algorithm) ?? 0) + 1);
    }
    expect(Object.fromEntries(counts)).toEqual({ ed25519: 10, 'p-256': 9, 'rsa-4096': 1 });
    expect(await runJson(['verify', '--data', folder])).toMatchObject({ isProven: true, totalDockets: 33 });
  });

  it('starts a second register, which never mixes with the first', async () => {
    const folder = copyPristine();
    await runJson(['seed', '--data', folder, '--register', 'other', '--dockets', '2', '--algorithms', 'ed25519']);
    expect(await runJson(['verify', '--data', folder])).toMatchObject({ register: 'main', totalDockets: DOCKETS });
    expect(await runJson(['verify', '--data', folder, '--register', 'other'])).toMatchObject({
      register: 'other',
      totalDockets: 2,
      isProven: true,
    });
    expect(await runJson(['status', '--data', folder])).toMatchObject({
      registers: [
        { register: 'main', stored: DOCKETS, anchored: DOCKETS, state: 'complete' },
        { register: 'other', stored: 2, anchored: 2, state: 'complete' },
      ],
    });
  });
});

describe('verify', () => {
  it('proves the register, with its rate beside that of the bare engine, and writes nothing', async () => {
    const before = hashFolder(pristine);
    const result = await runJson(['verify', '--data', pristine]);
    expect(result).toMatchObject({
      schema: 'sorcha.verify/v1',
      folder: pristine,
      register: 'main',
      isProven: true,
      totalDockets: DOCKETS,
      verifiedDockets: DOCKETS,
      transactions: 120,
      signatures: 120,
      ranges: [],
      anchor: 'matched',
    });
    const rate = Number(result['signaturesPerSecond']);
    const raw = Number(result['rawSignaturesPerSecond']);
    expect(rate).toBeGreaterThan(0);
    expect(raw).toBeGreaterThan(0);
    expect(Number(result['ratio'])).toBeCloseTo(rate / raw, 10);
    expect(hashFolder(pristine)).toBe(before);
  });

  it('says the same in words', async () => {
    const { exitCode, stdout, stderr } = await runSorcha(['verify', '--data', pristine]);
    expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: '' });
    expect(stdout).toMatch(/^PROVEN: All 30 dockets of register "main" are what was sealed\.\n/);
    expect(stdout).toMatch(/signatures +120 checked, [\d,]+\/s \(Ed25519 by libsodium\)\n/);
    expect(stdout).toMatch(/bare engine +[\d,]+\/s on one thread/);
  });
});

describe('status', () => {
  it('counts without verifying', async () => {
    const result = await runJson(['status', '--data', pristine]);
    expect(result).toMatchObject({
      schema: 'sorcha.status/v1',
      folder: pristine,
      registers: [{ register: 'main', stored: DOCKETS, anchored: DOCKETS, announced: 0, state: 'complete' }],
    });
    expect(result['coldBytes']).toBe(statSync(join(pristine, 'cold', 'cold.sqlite')).size);
    const { stdout } = await runSorcha(['status', '--data', pristine]);
    expect(stdout).toContain('as many records as were sealed');
  });
});

describe('show', () => {
  it('prints a docket and finds each of its transactions', async () => {
    const docket = await runJson(['show', 'docket', '7', '--data', pristine]);
    expect(docket).toMatchObject({ schema: 'sorcha.docket/v1', register: 'main', height: 7 });
    const transactions = transactionsOf(docket);
    expect(transactions).toHaveLength(4);
    const { id = '' } = transactions[2] ?? {};
    const transaction = await runJson(['show', 'transaction', id, '--data', pristine]);
    expect(transaction).toMatchObject({ schema: 'sorcha.transaction/v1', height: 7, index: 2, ...transactions[2] });
    const { stdout } = await runSorcha(['show', 'transaction', id, '--data', pristine]);
    expect(stdout).toContain('sealed in    docket 7 of register "main", place 2');
  });

  it('prints with --raw the exact stored text and nothing else', async () => {
    const docket = await runJson(['show', 'docket', '7', '--data', pristine]);
    const { height, hash } = docket;
    const { stdout: record } = await runSorcha(['show', 'docket', '7', '--raw', '--data', pristine]);
    const [format, claimed, header, ...lines] = record.split('\n');
    expect([format, claimed, JSON.parse(header ?? '')]).toEqual([
      'sorcha/docket-record/v1',
      hash,
      expect.objectContaining({ height }),
    ]);
    expect(lines).toHaveLength(5);
    const id = transactionsOf(docket)[0]?.id ?? '';
    const { stdout: line } = await runSorcha(['show', 'transaction', id, '--raw', '--data', pristine]);
    expect(line).toBe(`${lines[0]}\n`);
  });

  it('refuses --raw with --json', async () => {
    const { exitCode, stdout } = await runSorcha(['show', 'docket', '7', '--raw', '--json', '--data', pristine]);
    expect({ exitCode, stdout }).toEqual({ exitCode: 2, stdout: '' });
  });

  it('does not let stored text move the cursor', async () => {
    const folder = copyPristine();
    const payload = JSON.stringify(`${ESCAPE}[2J\u009b1A\u202eevil`);
    const appended = await runJson(['append', '--data', folder, '--payload', payload]);
    const [id = ''] = idsOf(appended);
    for (const args of [
      ['show', 'docket', '30'],
      ['show', 'docket', '30', '--json'],
      ['show', 'transaction', id],
      ['show', 'transaction', id, '--json'],
    ]) {
      const { exitCode, stdout } = await runSorcha([...args, '--data', folder]);
      expect(exitCode).toBe(0);
      expect(stdout).toMatch(/^[\n\u0020-\u007e]+$/);
      expect(stdout).toContain('evil');
    }
  });
});

describe('append', () => {
  it('prints each docket when it is sealed, as many as were asked for', async () => {
    const folder = copyPristine();
    const contents = ['--payload', '{"n":1}', '--payload', '2', '--metadata', '{"a":"b"}', '--algorithm', 'p-256'];
    const append = ['append', '--data', folder, ...contents, '--count', '3', '--json'];
    const { exitCode, stdout, stderr } = await runSorcha(append);
    expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: '' });
    const lines = stdout.trimEnd().split('\n').map(parseLine);
    expect(lines.map(({ schema, height }) => ({ schema, height }))).toEqual([
      { schema: 'sorcha.append/v1', height: 30 },
      { schema: 'sorcha.append/v1', height: 31 },
      { schema: 'sorcha.append/v1', height: 32 },
    ]);
    const docket = await runJson(['show', 'docket', '32', '--data', folder]);
    expect(docket).toMatchObject({
      hash: lines[2]?.['hash'],
      transactions: [{ body: { payloads: [{ n: 1 }, 2], metadata: { a: 'b' }, signer: { algorithm: 'p-256' } } }],
    });
  });

  it('reads transactions from standard input, equal ones too', async () => {
    const folder = copyPristine();
    const { exitCode, stdout } = await runSorcha(['append', '--data', folder, '--from', '-', '--json'], {
      stdin: '[{"payloads":[1]},{"payloads":[1]},{"payloads":[],"metadata":{"a":1}}]',
    });
    expect(exitCode).toBe(0);
    expect(new Set(idsOf(parseLine(stdout))).size).toBe(3);
    expect(await runJson(['verify', '--data', folder])).toMatchObject({ isProven: true, totalDockets: 31 });
  });
});

describe('the streams', () => {
  it('have no colours and no animation off a terminal, unless FORCE_COLOR asks for colours', async () => {
    const plain = await runSorcha(['verify', '--data', pristine]);
    expect(plain.stdout + plain.stderr).not.toContain(ESCAPE);
    const colourful = await runSorcha(['verify', '--data', pristine], { env: { FORCE_COLOR: '1' } });
    expect(colourful.stdout).toContain(ESCAPE);
    expect(colourful.stderr).not.toContain(ESCAPE);
  });

  it('carry help and version to stdout with exit code 0', async () => {
    const manifest = z
      .object({ version: z.string() })
      .parse(JSON.parse(readFileSync(join(import.meta.dirname, '../../apps/cli/package.json'), 'utf8')));
    expect(await runSorcha(['--version'])).toEqual({ exitCode: 0, stdout: `${manifest.version}\n`, stderr: '' });
    const { exitCode, stdout, stderr } = await runSorcha(['tamper', '--help']);
    expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: '' });
    expect(stdout).toContain('--really');
  });

  it('say the same about exit codes in the help and in the documentation', async () => {
    const { stdout } = await runSorcha(['--help']);
    const help = stdout.slice(stdout.indexOf('Exit codes:')).replace(/\s+/g, ' ');
    const page = readFileSync(join(import.meta.dirname, '../../docs/cli.md'), 'utf8');
    const documented = [...page.matchAll(/^\| (\d+) \| (.+) \|$/gm)].map(([, code, meaning]) => [
      Number(code),
      meaning,
    ]);
    expect(documented).toEqual(EXIT_MEANINGS);
    expect(EXIT_MEANINGS.filter(([code, meaning]) => !help.includes(` ${code} ${meaning}`))).toEqual([]);
    expect(EXIT_MEANINGS.map(([code]) => code)).toEqual(Object.values(EXIT));
  });

  it('say in every refusal what is wrong, and which help to read', async () => {
    expect((await runSorcha(['help', 'nope'])).stderr).toContain('error USAGE: There is no command "nope".');
    expect((await runSorcha(['show'])).stderr).toContain('error USAGE: A command is missing.');
    expect((await runSorcha(['show', 'docket'])).stderr).toContain('"sorcha show docket --help"');
  });

  it('have no colours and no warning when NO_COLOR and FORCE_COLOR are both set', async () => {
    const env = { NO_COLOR: '1', FORCE_COLOR: '1' };
    const { stdout, stderr } = await runSorcha(['verify', '--data', pristine], { env });
    expect({ stderr, isPlain: !stdout.includes(ESCAPE) }).toEqual({ stderr: '', isPlain: true });
  });

  it('name the data folder by SORCHA_DATA when no option does', async () => {
    const { exitCode, stdout } = await runSorcha(['status', '--json'], { env: { SORCHA_DATA: pristine } });
    expect(exitCode).toBe(0);
    expect(parseLine(stdout)['folder']).toBe(pristine);
  });
});
