import { cpSync, mkdirSync, mkdtempSync, readFileSync, renameSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { hashFolder } from './hash-folder.ts';
import { runInProcess } from './run-in-process.ts';
import { runForJson as run } from './run-sorcha.ts';
import { runStatus } from './run-status.ts';

const root = mkdtempSync(join(tmpdir(), 'sorcha-damaged-register-'));
const pristine = join(root, 'pristine');

beforeAll(async () => {
  const seed = ['seed', '--dockets', '4', '--transactions', '1', '--algorithms', 'ed25519', '--data', pristine];
  expect(await run(seed)).toMatchObject({ exitCode: 0 });
});
afterAll(() => rmSync(root, { recursive: true, force: true }));

function copyPristine(): string {
  const folder = join(mkdtempSync(join(root, 'case-')), 'data');
  cpSync(pristine, folder, { recursive: true });
  return folder;
}

describe('damage to a register', () => {
  /** A folder with the registers `main` and `beta`. */
  async function copyWithBeta(): Promise<string> {
    const folder = copyPristine();
    const seed = ['seed', '--register', 'beta', '--dockets', '2', '--algorithms', 'ed25519', '--data', folder];
    expect(await run(seed)).toMatchObject({ exitCode: 0 });
    return folder;
  }

  const HEAD = 'head-0000000000000001';
  it.each([
    ['a folder in place of its head', HEAD, (path: string) => mkdirSync(path)],
    ['a link to nothing in place of its head', HEAD, (path: string) => symlinkSync('nothing', path)],
    ['a link to itself in place of its head', HEAD, (path: string) => symlinkSync(HEAD, path)],
    ['an empty head', HEAD, (path: string) => writeFileSync(path, '')],
    ['a folder in place of its hashes', 'hashes', (path: string) => mkdirSync(path)],
    ['a link to itself in place of its folder', '', (path: string) => symlinkSync('beta', path)],
    ['a file in place of its folder', '', (path: string) => writeFileSync(path, '')],
  ])('says nothing about the one beside it: %s', async (_name, name, damage) => {
    const folder = await copyWithBeta();
    const path = join(folder, 'anchors', 'beta', name);
    rmSync(path, { recursive: true });
    damage(path.replace(/\/$/, ''));
    expect(await run(['verify', '--data', folder])).toMatchObject({
      exitCode: 0,
      isProven: true,
      otherRegisters: ['beta'],
    });
    const [beta, main] = await runStatus(folder, 1);
    expect(beta).toMatchObject({ register: 'beta', stored: 2, anchored: null, state: 'refused' });
    expect(main).toMatchObject({ register: 'main', problem: null, state: 'complete' });
    expect(await run(['verify', '--register', 'beta', '--data', folder])).toMatchObject({ exitCode: 1 });
  });

  it('is shown for each register when the folder of a head was renamed', async () => {
    const folder = await copyWithBeta();
    renameSync(join(folder, 'anchors', 'main'), join(folder, 'anchors', 'gamma'));
    expect(await runStatus(folder, 3)).toMatchObject([
      { register: 'beta', state: 'complete' },
      { register: 'gamma', stored: 0, state: 'refused' },
      { register: 'main', anchored: null, state: 'unanchored' },
    ]);
  });

  it.each([
    ['the cold store is lost', (folder: string) => rmSync(join(folder, 'cold', 'cold.sqlite'))],
    ['all anchors are lost', (folder: string) => rmSync(join(folder, 'anchors'), { recursive: true })],
  ])('is not taken for a register that never was where %s', async (_name, damage) => {
    const folder = copyPristine();
    damage(folder);
    for (const args of [['verify'], ['status'], ['show', 'docket', '0'], ['append', '--payload', '1']]) {
      const refused = await run([...args, '--register', 'beta', '--data', folder]);
      expect(refused).toMatchObject({ exitCode: 3, code: 'CORRUPTED' });
      expect(refused['message']).not.toContain('seed');
    }
  });

  it('is left as it is, to the byte, by whoever is refused for it', async () => {
    const folder = copyPristine();
    const database = new DatabaseSync(join(folder, 'cold', 'cold.sqlite'));
    database.exec('drop trigger worm_dockets_delete; delete from worm_dockets where sequence = 2');
    database.close();
    const before = hashFolder(folder);
    for (const args of [
      ['append', '--payload', '1'],
      ['seed', '--dockets', '1'],
      ['adopt', '--really'],
    ]) {
      expect(await run([...args, '--data', folder])).toMatchObject({ exitCode: 3, code: 'DEGRADED' });
    }
    expect(hashFolder(folder)).toBe(before);
  });
});

describe('a description that somebody wrote to', () => {
  it('does not reach the terminal as it is', async () => {
    const folder = copyPristine();
    const file = join(folder, 'sorcha.json');
    const text = readFileSync(file, 'utf8');
    writeFileSync(file, text.replace('"createdAt": "', String.raw`$&\u001b[2J`));
    const { exitCode, stdout } = await runInProcess(['status', '--data', folder]);
    expect(exitCode).toBe(0);
    expect(stdout).toContain(String.raw`\u{1b}[2J`);
    expect(stdout).not.toContain('\u001b');
  });
});
