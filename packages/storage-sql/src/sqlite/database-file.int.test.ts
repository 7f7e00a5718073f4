import { execFile } from 'node:child_process';
import { copyFile, mkdir, readdir, readFile, rm, stat, truncate, writeFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { promisify } from 'node:util';
import { defineWorm, StorageError } from '@sorcha/storage';
import { createTemporaryFolder } from '@sorcha/storage/testing';
import { describe, expect, onTestFinished, test } from 'vitest';
import { z } from 'zod';
import { runWithoutWriteAccess } from '../testing/run-without-write-access.ts';
import { openSqliteDocumentStore } from './documents/open-sqlite-document-store.ts';
import { openSqliteRelationalStore } from './relational/open-sqlite-relational-store.ts';
import { openSqliteWormStore } from './worm/open-sqlite-worm-store.ts';

const definition = defineWorm({ name: 'note', schema: z.string() });
const open = async (file: string, readOnly = false) => openSqliteWormStore({ file, definition, readOnly });

/** The names and contents of all files of a folder. */
async function readFolder(folder: string): Promise<[string, string][]> {
  const names = (await readdir(folder)).sort();
  return Promise.all(
    names.map(async (name) => [name, (await readFile(join(folder, name))).toString('base64')] as const),
  );
}

const toCode = (error: unknown) => (error instanceof StorageError ? error.code : `no StorageError: ${String(error)}`);

/** A closed store with records 0 to 2 in stream `a`. */
async function createFilled(): Promise<{ folder: string; file: string }> {
  const folder = await createTemporaryFolder(onTestFinished);
  const file = join(folder, 'worm.sqlite');
  const store = await open(file);
  await store.appendBatch('a', 0, ['zero', 'one', 'two']);
  await store.close();
  return { folder, file };
}

describe('a file that is not ours is refused and not touched', () => {
  const foreign = (statements: string) => async (file: string) => {
    const database = new DatabaseSync(file);
    database.exec(statements);
    database.close();
  };
  test.each([
    ['a database of another application', foreign('pragma application_id = 42; create table t (a)')],
    ['a database without a mark', foreign('create table t (a)')],
    ['a database in WAL mode without a mark', foreign('pragma journal_mode = wal; create table t (a)')],
    ['a newer version', foreign('pragma application_id = 0x536f7263; pragma user_version = 2; create table t (a)')],
    ['a text file', async (file: string) => writeFile(file, 'this is no database\n'.repeat(500))],
    ['a short text file', async (file: string) => writeFile(file, 'x')],
    ['zeros', async (file: string) => writeFile(file, new Uint8Array(8192))],
  ])('%s', async (_, make) => {
    const folder = await createTemporaryFolder(onTestFinished);
    const file = join(folder, 'other.sqlite');
    await make(file);
    const before = await readFolder(folder);
    await expect(open(file)).rejects.toMatchObject({ code: 'INCOMPATIBLE_SERVER' });
    await expect(open(file, true)).rejects.toMatchObject({ code: 'INCOMPATIBLE_SERVER' });
    expect(await readFolder(folder)).toEqual(before);
  });

  test.each([
    ['the file', ''],
    ['its log', '-wal'],
    ['its shared memory', '-shm'],
    ['its journal', '-journal'],
  ])('a pipe in the place of %s is refused and not waited for', async (_, end) => {
    const { folder, file } = await createFilled();
    await rm(`${file}${end}`, { force: true });
    await promisify(execFile)('mkfifo', [`${file}${end}`]);
    const before = await readdir(folder);
    for (const readOnly of [false, true]) {
      const named = expect.stringContaining(`"${file}${end}"`) as unknown;
      await expect(open(file, readOnly)).rejects.toMatchObject({ code: 'UNAVAILABLE', message: named });
    }
    expect(await readdir(folder)).toEqual(before);
  });

  test('a table of another shape', async () => {
    const { folder, file } = await createFilled();
    const raw = new DatabaseSync(file);
    raw.exec('alter table worm_note add column more text');
    raw.close();
    const before = await readFolder(folder);
    await expect(open(file)).rejects.toMatchObject({ code: 'INCOMPATIBLE_SERVER' });
    await expect(open(file, true)).rejects.toMatchObject({ code: 'INCOMPATIBLE_SERVER' });
    expect(await readFolder(folder)).toEqual(before);
  });

  test('read-only, a definition that the file does not know', async () => {
    const { file } = await createFilled();
    const other = defineWorm({ name: 'other', schema: z.string() });
    const opened = openSqliteWormStore({ file, definition: other, readOnly: true });
    await expect(opened).rejects.toMatchObject({ code: 'INCOMPATIBLE_SERVER' });
  });
});

describe('a file that was cut is reported and never read as shorter', () => {
  test('within its header', async () => {
    const { file } = await createFilled();
    await truncate(file, 60);
    await expect(open(file)).rejects.toMatchObject({ code: 'CORRUPTED' });
  });

  test.each([100, 4096, 5000, 8192])('after %i bytes', async (size) => {
    const { file } = await createFilled();
    const store = await open(file);
    await store.appendBatch(
      'b',
      0,
      Array.from({ length: 400 }, (_, index) => `${index}`.padEnd(500, '.')),
    );
    await store.close();
    await truncate(file, size);
    const read = async () => {
      const cut = await open(file);
      try {
        return await cut.verifyIntegrity('b');
      } finally {
        await cut.close();
      }
    };
    await expect(read()).rejects.toMatchObject({ code: 'CORRUPTED' });
  });
});

describe('a header that was damaged is CORRUPTED as long as it shows whose file it is', () => {
  test.each([
    ['the first bytes', 0],
    ['the page size', 16],
    ['the version of the format', 18],
  ])('%s', async (_, offset) => {
    const { folder, file } = await createFilled();
    const bytes = await readFile(file);
    bytes.fill(0xff, offset, offset + 2);
    await writeFile(file, bytes);
    const before = await readFolder(folder);
    for (const readOnly of [true, false]) {
      await expect(open(file, readOnly)).rejects.toMatchObject({ code: 'CORRUPTED' });
    }
    expect(await readFolder(folder)).toEqual(before);
  });

  test('each byte behind the first 16: its records are there, or it is CORRUPTED, or said to be of another version', async () => {
    const { folder, file } = await createFilled();
    const bytes = await readFile(file);
    const outcomeOf = async (readOnly: boolean) => {
      const store = await open(file, readOnly).catch(toCode);
      if (typeof store === 'string') {
        return store;
      }
      const found = await store.verifyIntegrity('a').catch(toCode);
      await store.close();
      return typeof found === 'string' || found.checked === 3 ? found : 'fewer records';
    };
    for (let offset = 16; offset < 100; offset += 1) {
      const isIdentity = (offset >= 60 && offset < 64) || (offset >= 68 && offset < 72);
      for (const value of [0, 5, 0xff].filter((other) => other !== bytes[offset])) {
        for (const readOnly of value === 5 ? [true, false] : [true]) {
          const damaged = Buffer.from(bytes).fill(value, offset, offset + 1);
          await writeFile(file, damaged);
          const outcome = await outcomeOf(readOnly);
          const isKept = typeof outcome === 'object' && outcome.damaged.length + outcome.missing.length === 0;
          const where = `${offset} set to ${value}, ${readOnly ? 'read-only' : 'for writing'}`;
          const expected = isIdentity ? 'INCOMPATIBLE_SERVER' : 'CORRUPTED';
          expect(isKept && !isIdentity ? expected : outcome, where).toBe(expected);
          expect(isKept || (await readFile(file)).equals(damaged), where).toBe(true);
        }
      }
    }
    expect(await readdir(folder)).toEqual([basename(file)]);
  });

  test.each([
    ['the version of its schema', 47, [true, false]],
    ['the version with which it is written', 18, [false]],
  ])('%s is one that does not exist', async (_, offset, modes) => {
    const { folder, file } = await createFilled();
    const bytes = await readFile(file);
    await writeFile(file, bytes.fill(9, offset, offset + 1));
    const before = await readFolder(folder);
    for (const readOnly of modes) {
      await expect(open(file, readOnly)).rejects.toMatchObject({ code: 'CORRUPTED' });
    }
    expect(await readFolder(folder)).toEqual(before);
  });

  test('otherwise the message says both: it may be of another program, or damaged', async () => {
    const { file } = await createFilled();
    const bytes = await readFile(file);
    await writeFile(file, bytes.fill(0xff, 0, 100));
    const said = expect.stringMatching(/no Sorcha database, or its header is damaged.*restore/) as unknown;
    await expect(open(file)).rejects.toMatchObject({ code: 'INCOMPATIBLE_SERVER', message: said });
  });
});

describe('paths', () => {
  test('a folder that is absent is UNAVAILABLE and named', async () => {
    const folder = join(await createTemporaryFolder(onTestFinished), 'absent');
    await expect(open(join(folder, 'worm.sqlite'))).rejects.toMatchObject({
      code: 'UNAVAILABLE',
      message: expect.stringContaining(`"${folder}"`) as unknown,
    });
  });

  test('a folder in the place of the file is UNAVAILABLE', async () => {
    const folder = await createTemporaryFolder(onTestFinished);
    await expect(open(folder)).rejects.toMatchObject({ code: 'UNAVAILABLE' });
  });

  test.each([
    ['definition', openSqliteWormStore],
    ['definition', openSqliteDocumentStore],
    ['entities', openSqliteRelationalStore],
  ])('without options, or the option "%s", a store is not opened', async (name, openStore) => {
    const file = join(await createTemporaryFolder(onTestFinished), 'new.sqlite');
    const said = { code: 'INVALID', message: expect.stringContaining(`"${name}"`) as unknown };
    for (const options of [undefined, null, { file }, { file, [name]: null }]) {
      await expect(Reflect.apply(openStore, undefined, [options])).rejects.toMatchObject(said);
    }
    await expect(readFile(file)).rejects.toMatchObject({ code: 'ENOENT' });
  });

  test.each([':memory:', '', 'a\0b'])('%j is INVALID', async (file) => {
    await expect(open(file)).rejects.toMatchObject({ code: 'INVALID' });
  });

  test('characters with a meaning in URIs are part of the name', async () => {
    const folder = join(await createTemporaryFolder(onTestFinished), 'a b?mode=memory#%41');
    await mkdir(folder);
    const file = join(folder, 'file:x?immutable=1%20.sqlite');
    const store = await open(file);
    await store.append('a', 0, 'zero');
    await store.close();
    const reader = await open(file, true);
    expect(await reader.height('a')).toBe(0);
    await reader.close();
    expect(await readdir(folder)).toEqual([basename(file)]);
  });
});

describe('read-only', () => {
  test('reads in a folder that cannot be written and leaves nothing there', async () => {
    const { folder, file } = await createFilled();
    const before = await readFolder(folder);
    await runWithoutWriteAccess(folder, async () => {
      const store = await open(file, true);
      expect(await store.verifyIntegrity('a')).toMatchObject({ checked: 3, damaged: [] });
      await expect(store.append('a', 3, 'three')).rejects.toMatchObject({ code: 'UNAVAILABLE' });
      await store.close();
      await expect(open(file)).rejects.toMatchObject({ code: 'UNAVAILABLE' });
    });
    expect(await readFolder(folder)).toEqual(before);
  });

  test('leaves nothing in a folder that can be written', async () => {
    const { folder, file } = await createFilled();
    const before = await readFolder(folder);
    const store = await open(file, true);
    expect(await store.height('a')).toBe(2);
    expect(await store.health()).toMatchObject({ status: 'warn' });
    await store.close();
    expect(await readFolder(folder)).toEqual(before);
  });

  test('sees what others write meanwhile', async () => {
    const { file } = await createFilled();
    const reader = await open(file, true);
    expect(await reader.height('a')).toBe(2);
    const writer = await open(file);
    await writer.append('a', 3, 'three');
    expect(await reader.height('a')).toBe(3);
    await writer.close();
    expect(await reader.height('a')).toBe(3);
    await reader.close();
  });

  test('never ignores a log that was left: it is read, or the file is refused', async () => {
    const { file } = await createFilled();
    const writer = await open(file);
    await writer.append('a', 3, 'only in the log');
    const folder = await createTemporaryFolder(onTestFinished);
    const copy = join(folder, 'copy.sqlite');
    await copyFile(file, copy);
    await copyFile(`${file}-wal`, `${copy}-wal`);
    await writer.close();
    expect((await stat(`${copy}-wal`)).size).toBeGreaterThan(0);
    await runWithoutWriteAccess(folder, async () => {
      await expect(open(copy, true)).rejects.toMatchObject({ code: 'UNAVAILABLE' });
    });
    const reader = await open(copy, true);
    expect(await reader.height('a')).toBe(3);
    await reader.close();
  });

  test('an absent or empty file is UNAVAILABLE and is not created', async () => {
    const folder = await createTemporaryFolder(onTestFinished);
    await expect(open(join(folder, 'absent.sqlite'), true)).rejects.toMatchObject({ code: 'UNAVAILABLE' });
    expect(await readdir(folder)).toEqual([]);
    await writeFile(join(folder, 'empty.sqlite'), '');
    await expect(open(join(folder, 'empty.sqlite'), true)).rejects.toMatchObject({ code: 'UNAVAILABLE' });
  });
});

test('an empty file becomes a database', async () => {
  const file = join(await createTemporaryFolder(onTestFinished), 'empty.sqlite');
  await writeFile(file, '');
  const store = await open(file);
  expect(await store.append('a', 0, 'zero')).toMatchObject({ sequence: 0 });
  await store.close();
});
