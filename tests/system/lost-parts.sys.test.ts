import {
  closeSync,
  cpSync,
  mkdirSync,
  mkdtempSync,
  openSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  truncateSync,
  writeFileSync,
  writeSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { docketWorm } from '@sorcha/register';
import { defineWorm } from '@sorcha/storage';
import { openSqliteWormStore } from '@sorcha/storage-sql';
import { openSqliteRecordDamage } from '@sorcha/storage-sql/testing';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { hashFolder } from './hash-folder.ts';
import { runInProcess } from './run-in-process.ts';
import { runForJson as run } from './run-sorcha.ts';
import { runStatus } from './run-status.ts';

const DOCKETS = 6;
const root = mkdtempSync(join(tmpdir(), 'sorcha-lost-parts-'));
const pristine = join(root, 'pristine');

beforeAll(async () => {
  const args = ['seed', '--data', pristine, '--dockets', String(DOCKETS), '--transactions', '2'];
  expect(await runInProcess([...args, '--algorithms', 'ed25519'])).toMatchObject({ exitCode: 0 });
});
afterAll(() => rmSync(root, { recursive: true, force: true }));

function copyPristine(): string {
  const folder = join(mkdtempSync(join(root, 'case-')), 'data');
  cpSync(pristine, folder, { recursive: true });
  return folder;
}

/** A data folder in which nothing was sealed. */
async function createEmpty(): Promise<string> {
  const folder = join(mkdtempSync(join(root, 'case-')), 'data');
  expect(await run(['init', '--data', folder])).toMatchObject({ exitCode: 0 });
  return folder;
}

function editDescription(folder: string, change: Readonly<Record<string, string>>): void {
  const file = join(folder, 'sorcha.json');
  const description = z.record(z.string(), z.string()).parse(JSON.parse(readFileSync(file, 'utf8')));
  writeFileSync(file, JSON.stringify({ ...description, ...change }));
}

/** Puts a store of this software in place of the file that keeps something else. */
async function replaceByOtherStore(file: string): Promise<void> {
  rmSync(file);
  const definition = defineWorm({ name: 'others', schema: z.object({ n: z.number() }) });
  const store = await openSqliteWormStore({ file, definition });
  await store.close();
}

function replaceByFolder(file: string): void {
  rmSync(file);
  mkdirSync(file);
}

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
      exitCode: 3,
      code: 'DEGRADED',
    });
    expect(hashFolder(folder)).toBe(before);
  });

  it.each([
    ['the cold store', ['cold/cold.sqlite']],
    ['cold/', ['cold']],
    ['the anchors of the first register', ['anchors/main']],
    ['anchors/', ['anchors']],
    ['the cold store and all anchors', ['cold/cold.sqlite', 'anchors/main']],
  ])('is no fresh start, even when nothing else is left of what was sealed: %s', async (_name, names) => {
    const folder = await createEmpty();
    for (const name of names) {
      rmSync(join(folder, name), { recursive: true });
    }
    const before = hashFolder(folder);
    const at = ['--data', folder];
    const found = await run(['verify', ...at]);
    expect(found).toMatchObject({ exitCode: 3, verdict: 'unproven', isProven: false, totalDockets: 0 });
    expect(found['losses']).toHaveLength(names.length);
    expect(await run(['status', ...at])).toMatchObject({ exitCode: 3, losses: found['losses'] });
    expect(await run(['show', 'docket', '0', ...at])).toMatchObject({ exitCode: 3, code: 'CORRUPTED' });
    expect(await run(['append', '--payload', '1', ...at])).toMatchObject({ exitCode: 3, code: 'DEGRADED' });
    expect(await run(['seed', '--dockets', '1', ...at])).toMatchObject({ exitCode: 3, code: 'DEGRADED' });
    expect(await run(['tamper', 'drop', ...at])).toMatchObject({ exitCode: 3, code: 'CORRUPTED' });
    expect(await run(['init', ...at])).toMatchObject({ exitCode: 3, code: 'DAMAGED_FOLDER' });
    expect(hashFolder(folder)).toBe(before);
  });

  it('can be declared empty by an operator when only its anchors are lost', async () => {
    const folder = await createEmpty();
    const at = ['--data', folder];
    rmSync(join(folder, 'anchors'), { recursive: true });
    expect(await run(['adopt', '--really', ...at])).toMatchObject({ exitCode: 0, adoption: 'adopted', size: 0 });
    expect(await run(['verify', ...at])).toMatchObject({ exitCode: 0, verdict: 'empty' });
    expect(await run(['append', '--payload', '1', ...at])).toMatchObject({ exitCode: 0, height: 0 });
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

  it('is no part of a register beside it that has all of its own', async () => {
    const folder = copyPristine();
    const at = ['--data', folder, '--register', 'other'];
    await run(['seed', '--dockets', '2', '--algorithms', 'ed25519', ...at]);
    rmSync(join(folder, 'anchors', 'main'), { recursive: true });
    expect(await run(['verify', ...at])).toMatchObject({ exitCode: 0, isProven: true, losses: [] });
  });

  it('is an error, not a finding, when the anchored head is signed by another node', async () => {
    const folder = copyPristine();
    const stranger = join(mkdtempSync(join(root, 'case-')), 'data');
    await run(['seed', '--dockets', '6', '--algorithms', 'ed25519', '--data', stranger]);
    cpSync(join(stranger, 'anchors'), join(folder, 'anchors'), { recursive: true });
    for (const args of [['verify'], ['show', 'docket', '0'], ['append', '--payload', '1']]) {
      const refused = await run([...args, '--data', folder]);
      expect(refused).toMatchObject({ exitCode: 1, code: 'ANCHOR_INVALID' });
      expect(refused['message']).toContain(join(folder, 'anchors', 'main'));
    }
    const [counted] = await runStatus(folder, 1);
    expect(counted).toMatchObject({ register: 'main', stored: DOCKETS, anchored: null, state: 'refused' });
    expect(counted?.problem).toContain(join(folder, 'anchors', 'main', 'head-'));
  });

  it('leaves another register, sound in itself, unshown when the anchored head is lost with it', async () => {
    const folder = copyPristine();
    const stranger = join(mkdtempSync(join(root, 'case-')), 'data');
    await run(['seed', '--dockets', '3', '--algorithms', 'ed25519', '--data', stranger]);
    rmSync(join(folder, 'anchors', 'main'), { recursive: true });
    cpSync(join(stranger, 'cold', 'cold.sqlite'), join(folder, 'cold', 'cold.sqlite'));
    for (const form of ['--json', '--raw']) {
      const { exitCode, stdout } = await runInProcess(['show', 'docket', '2', form, '--data', folder]);
      expect({ exitCode, stdout }).toEqual({ exitCode: 3, stdout: '' });
    }
  });
});

describe('a node key and a description that do not belong together', () => {
  it('sign nothing when the key is of another folder, even before there is a head', async () => {
    const folder = join(mkdtempSync(join(root, 'case-')), 'data');
    await run(['init', '--data', folder]);
    cpSync(join(pristine, 'node.key.json'), join(folder, 'node.key.json'));
    const before = hashFolder(folder);
    expect(await run(['append', '--payload', '1', '--data', folder])).toMatchObject({
      exitCode: 3,
      code: 'DAMAGED_FOLDER',
    });
    expect(hashFolder(folder)).toBe(before);
  });

  it('sign nothing when the name was changed', async () => {
    const folder = copyPristine();
    editDescription(folder, { node: 'node-other' });
    const before = hashFolder(folder);
    const refused = await run(['append', '--payload', '1', '--data', folder]);
    expect(refused).toMatchObject({ exitCode: 3, code: 'DAMAGED_FOLDER' });
    expect(refused['message']).toContain('sorcha.json');
    expect(refused['message']).toContain('node.key.json');
    for (const command of ['verify', 'status', 'init']) {
      const found = await run([command, '--data', folder]);
      expect(found).toMatchObject({ exitCode: 3, code: 'DAMAGED_FOLDER' });
      expect(found['message']).not.toContain('adopt');
    }
    expect(hashFolder(folder)).toBe(before);
  });
});

describe('a register that does not exist', () => {
  it('is not proven when sorcha.json names it', async () => {
    const folder = copyPristine();
    editDescription(folder, { register: 'other' });
    const at = ['--data', folder];
    expect(await run(['verify', ...at])).toMatchObject({ exitCode: 3, verdict: 'unproven', otherRegisters: ['main'] });
    expect(await run(['append', '--payload', '1', ...at])).toMatchObject({ exitCode: 3, code: 'DEGRADED' });
  });

  it('is not made by an empty folder or a file among the anchors', async () => {
    const folder = copyPristine();
    mkdirSync(join(folder, 'anchors', 'folder'));
    writeFileSync(join(folder, 'anchors', 'file'), '');
    for (const name of ['folder', 'file']) {
      const unknown = ['verify', '--register', name, '--data', folder];
      expect(await run(unknown)).toMatchObject({ exitCode: 4, code: 'UNKNOWN_REGISTER' });
    }
    expect(await run(['verify', '--data', folder])).toMatchObject({ exitCode: 0, otherRegisters: [] });
    expect(await run(['status', '--data', folder])).toMatchObject({ exitCode: 0, registers: [{ register: 'main' }] });
  });

  it('is empty and not proven while nothing was sealed in it', async () => {
    const folder = await createEmpty();
    expect(await run(['verify', '--data', folder])).toMatchObject({ exitCode: 0, verdict: 'empty', isProven: false });
    const { stdout } = await runInProcess(['verify', '--data', folder]);
    expect(stdout).toMatch(/^EMPTY: /);
  });
});

describe('a cold store that is not what it was', () => {
  const at = (offset: number, ...bytes: readonly number[]) => {
    return (file: string) => {
      const descriptor = openSync(file, 'r+');
      writeSync(descriptor, Uint8Array.from(bytes), 0, bytes.length, offset);
      closeSync(descriptor);
    };
  };
  it.each([
    ['no database', (file: string) => writeFileSync(file, 'no database, and longer than a header '.repeat(40))],
    ['without its first bytes', at(3, 0)],
    ['of another application', at(68, 1, 2, 3, 4)],
    // user_version is the big-endian number at byte 60 of the header.
    ['of another version', at(60, 0, 0, 0, 2)],
    ['cut off', (file: string) => truncateSync(file, 50)],
    ['without the table', replaceByOtherStore],
    ['a page short', (file: string) => truncateSync(file, statSync(file).size - 4_096)],
    ['a folder', replaceByFolder],
    ['with a folder in place of its log', (file: string) => mkdirSync(`${file}-wal`)],
    ['with a journal that sorcha does not keep', (file: string) => writeFileSync(`${file}-journal`, 'journal')],
  ] as const)('is damage for every command, and not changed: %s', async (_name, damage) => {
    const folder = copyPristine();
    await damage(join(folder, 'cold', 'cold.sqlite'));
    const before = hashFolder(folder);
    for (const args of [
      ['verify'],
      ['status'],
      ['show', 'docket', '0'],
      ['append', '--payload', '1'],
      ['seed', '--dockets', '1'],
      ['tamper', 'drop', '--really'],
    ]) {
      const refused = await run([...args, '--data', folder]);
      expect(refused).toMatchObject({ exitCode: 3, code: 'CORRUPTED' });
      expect(refused['message']).toContain('restore cold/ from a backup');
      // What the storage advises is for whoever chose the file.
      expect(refused['message']).not.toMatch(/name another|open the file for writing|the software that wrote it/);
    }
    expect(hashFolder(folder)).toBe(before);
  });

  it('is counted with what nobody sealed in it', async () => {
    const folder = copyPristine();
    const file = join(folder, 'cold', 'cold.sqlite');
    const damage = await openSqliteRecordDamage({ file, name: docketWorm.name });
    await damage.insert('No_Register', 0, Buffer.from('x'));
    await damage.insert('no name', 0, Buffer.from('x'));
    await damage.insert('main', 2 ** 60, Buffer.from('x'));
    await damage.close();
    expect(await run(['status', '--data', folder])).toMatchObject({
      exitCode: 3,
      registers: [
        { register: 'main', stored: DOCKETS + 1, anchored: DOCKETS, state: 'surplus' },
        { register: 'No_Register', stored: 1, anchored: null, state: 'surplus' },
        { register: 'no name', stored: null, anchored: null, state: 'surplus' },
      ],
    });
  });

  it('is told from an older anchored head beside it, with the remedy', async () => {
    const folder = copyPristine();
    cpSync(join(folder, 'anchors'), join(folder, 'older'), { recursive: true });
    await run(['append', '--payload', '1', '--count', '5', '--data', folder]);
    rmSync(join(folder, 'anchors'), { recursive: true });
    renameSync(join(folder, 'older'), join(folder, 'anchors'));
    const { exitCode, stdout } = await runInProcess(['verify', '--data', folder]);
    expect(exitCode).toBe(3);
    expect(stdout).toContain(
      'above it lie 5 dockets unknown to the anchored head. If anchors/ is from an older backup',
    );
    const refused = await run(['append', '--payload', '1', '--data', folder]);
    expect(refused).toMatchObject({ exitCode: 3, code: 'DEGRADED' });
    expect(refused['message']).toContain('put the newer anchors/ back');
    // The remedy when there is no newer one.
    rmSync(join(folder, 'anchors', 'main'), { recursive: true });
    expect(await run(['adopt', '--really', '--data', folder])).toMatchObject({ exitCode: 0, size: DOCKETS + 5 });
    expect(await run(['verify', '--data', folder])).toMatchObject({ exitCode: 0, isProven: true });
  });
});
