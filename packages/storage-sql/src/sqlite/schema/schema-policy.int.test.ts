import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { defineDocument, defineEntity, defineWorm, type StorageErrorCode } from '@sorcha/storage';
import { createTemporaryFolder } from '@sorcha/storage/testing';
import { describe, expect, onTestFinished, test } from 'vitest';
import { z } from 'zod';
import { openSqliteDocumentStore } from '../documents/open-sqlite-document-store.ts';
import type { AnyEntity } from '../relational/entity-table.ts';
import { openSqliteRelationalStore } from '../relational/open-sqlite-relational-store.ts';
import { openSqliteWormStore } from '../worm/open-sqlite-worm-store.ts';

const shape = { id: z.string(), email: z.string().optional(), size: z.number(), tags: z.array(z.string()).optional() };
const user = defineEntity({ name: 'user', schema: z.object(shape), key: 'id', unique: [['email']] });
const userOf = (members: z.core.$ZodLooseShape, unique: string[][] = [['email']], key = 'id') =>
  defineEntity({ name: 'user', schema: z.object(members), key, unique });

const note = defineDocument({ name: 'note', schema: z.looseObject({ id: z.string() }), key: 'id', unique: ['code'] });
const noteOf = (options: { key?: string; unique?: string[]; indexes?: string[] }) =>
  defineDocument({ name: 'note', schema: z.looseObject({ id: z.string(), name: z.string() }), key: 'id', ...options });

const createFile = async () => join(await createTemporaryFolder(onTestFinished), 'warm.sqlite');
const open = async (file: string, entities: readonly AnyEntity[], readOnly = false) => {
  const store = await openSqliteRelationalStore({ file, entities, readOnly });
  onTestFinished(async () => store.close());
  return store;
};
const openNotes = async (file: string, definition = note, readOnly = false) => {
  const store = await openSqliteDocumentStore({ file, definition, readOnly });
  onTestFinished(async () => store.close());
  return store;
};

/** A closed file with one user and one note. */
async function createFilled(): Promise<string> {
  const file = await createFile();
  const store = await open(file, [user]);
  await store.repository(user).add({ id: 'a', email: 'e', size: 1, tags: ['x'] });
  await store.close();
  const notes = await openNotes(file);
  await notes.insert({ id: 'n', code: 'c' });
  await notes.close();
  return file;
}

/** Checks that opening is refused, says both `words`, and changes nothing. */
async function expectRefused(
  file: string,
  attempt: () => Promise<unknown>,
  words: readonly string[],
  code: StorageErrorCode = 'INCOMPATIBLE_SERVER',
): Promise<void> {
  const before = await readFile(file);
  const message = expect.stringMatching(new RegExp(words.join('.*'), 'u')) as unknown;
  await expect(attempt()).rejects.toMatchObject({ code, message });
  expect((await readFile(file)).equals(before)).toBe(true);
  expect(await readdir(join(file, '..'))).toEqual(['warm.sqlite']);
}

describe('an entity that differs from its table is refused by the name of what differs', () => {
  const { email, size, tags, id } = shape;
  test.each<[string, AnyEntity, string[]]>([
    ['a column that is gone', userOf({ id, email, tags }), ['entity_user', 'size', 'no longer declared']],
    ['another type', userOf({ id, email, size: z.string(), tags }), ['size', 'required double', 'required text']],
    [
      'another type that SQLite keeps alike',
      userOf({ id, email, size, tags: z.string().optional() }),
      ['tags', 'json', 'text'],
    ],
    [
      'a column that was required',
      userOf({ id, email, tags, size: z.number().optional() }),
      ['size', 'required', 'optional'],
    ],
    [
      'a column that was optional',
      userOf({ id, size, tags, email: z.string().nullable() }),
      ['email', 'optional', 'nullable'],
    ],
    ['a new column that is required', userOf({ id, email, size, tags, born: z.date() }), ['born', 'required']],
    ['another key', userOf({ ...shape, handle: z.string() }, [['email']], 'handle'), ['key "id"', 'handle']],
    ['one unique list more', userOf({ id, email, size, tags }, [['email'], ['size']]), ['unique', 'email', 'size']],
    ['one unique list less', userOf({ id, email, size, tags }, []), ['unique', 'email', 'none']],
  ])('%s', async (_, entity, words) => {
    const file = await createFilled();
    await expectRefused(file, async () => open(file, [entity]), words);
    await expectRefused(file, async () => open(file, [entity], true), words);
    expect(await (await open(file, [user])).repository(user).count()).toBe(1);
  });

  test('and of several entities none is created then', async () => {
    const file = await createFilled();
    const team = defineEntity({ name: 'team', schema: z.object({ id: z.int() }), key: 'id' });
    await expectRefused(file, async () => open(file, [team, userOf({ id, email, tags })]), ['size']);
    await expect(open(file, [team], true)).rejects.toMatchObject({ code: 'INCOMPATIBLE_SERVER' });
  });
});

describe('what an entity may add', () => {
  const grown = defineEntity({
    name: 'user',
    schema: z.object({
      born: z.date().optional(),
      ...shape,
      note: z.string().nullable(),
      extra: z.array(z.int()).nullable(),
      more: z.array(z.int()).optional(),
    }),
    key: 'id',
    unique: [['email']],
    indexes: [['size', 'born'], ['note']],
  });

  test('columns that may be empty: rows that are there read as without them, and keep what they have', async () => {
    const file = await createFilled();
    await expect(open(file, [grown], true)).rejects.toMatchObject({ code: 'INCOMPATIBLE_SERVER' });
    const users = (await open(file, [grown])).repository(grown);
    const stored = await users.get('a');
    expect(stored).toEqual({ id: 'a', email: 'e', size: 1, tags: ['x'], note: null, extra: null, version: 1 });
    expect(await users.find({ born: null, note: null, extra: null, more: { $exists: false } })).toEqual([stored]);
    const full = { id: 'b', size: 2, born: new Date(7), note: 'n', extra: [1], more: [2] };
    await users.add(full);
    expect(await users.find({ born: { $gt: new Date(6) } })).toEqual([{ ...full, version: 1 }]);
    await expect(users.add({ ...full, id: 'c', email: 'e' })).rejects.toMatchObject({ code: 'ALREADY_EXISTS' });
  });

  test('which the older declaration then refuses by name', async () => {
    const file = await createFilled();
    await (await open(file, [grown])).close();
    await expectRefused(file, async () => open(file, [user]), ['born', 'no longer declared']);
  });

  test('indexes, and they may go without being removed from the file', async () => {
    const file = await createFilled();
    const indexed = defineEntity({
      name: 'user',
      schema: z.object(shape),
      key: 'id',
      unique: [['email']],
      indexes: [['size']],
    });
    expect(await (await open(file, [indexed], true)).repository(indexed).count()).toBe(1);
    await (await open(file, [indexed])).close();
    await (await open(file, [user])).close();
    const raw = new DatabaseSync(file, { readOnly: true });
    onTestFinished(() => raw.close());
    expect(raw.prepare("select name from sqlite_schema where name = 'entity_user.size'").all()).toHaveLength(1);
  });
});

describe('documents', () => {
  test('another key or other unique paths are refused', async () => {
    const file = await createFilled();
    const openOther = async (options: Parameters<typeof noteOf>[0]) =>
      openSqliteDocumentStore({ file, definition: noteOf(options) });
    await expectRefused(file, async () => openOther({ key: 'name', unique: ['code'] }), [
      'document_note',
      'key "id"',
      'name',
    ]);
    await expectRefused(file, async () => openOther({ unique: ['code', 'other'] }), [
      'unique paths code',
      'code, other',
    ]);
    await expectRefused(file, async () => openOther({}), ['unique paths code', 'none']);
  });

  test('an index that is declared later finds documents that were there, also by paths that differ in case', async () => {
    const file = await createFilled();
    const indexed = defineDocument({ ...options(), indexes: ['a.b', 'A.b', 'a.B'] });
    const notes = await openNotes(file, indexed);
    await notes.insert({ id: 'x', a: { b: 1, B: 2 }, A: { b: 3 } });
    expect(await notes.find({ code: 'c' })).toEqual([{ id: 'n', code: 'c', version: 1 }]);
    for (const filter of [{ 'a.b': 1 }, { 'A.b': 3 }, { 'a.B': 2 }]) {
      expect(await notes.count(filter)).toBe(1);
    }
    expect(await notes.count({ 'a.b': 3 })).toBe(0);
  });

  const options = () => ({
    name: 'note',
    schema: z.looseObject({ id: z.string() }),
    key: 'id' as const,
    unique: ['code'],
  });
});

describe('tables that others have touched are refused', () => {
  test.each([
    ['a column was added', 'alter table entity_user add column more text', 'changed by another program'],
    ['a unique index was removed', 'drop index "unique:entity_user.email"', 'changed by another program'],
    ['a trigger was added', 'create trigger t before insert on entity_user begin select 1; end', 'changed by'],
    ['the record was removed', 'delete from sorcha_schema', 'not made by this software'],
    ['the record is of another version', `update sorcha_schema set declaration = '{"columns":{}}'`, 'another version'],
  ])('%s', async (_, statement, word) => {
    const file = await createFilled();
    const raw = new DatabaseSync(file);
    raw.exec(statement);
    raw.close();
    await expectRefused(file, async () => open(file, [user]), [word]);
    await expectRefused(file, async () => open(file, [user], true), [word]);
  });
});

describe('a table that was removed is CORRUPTED and not made anew: its rows are lost', () => {
  const records = defineWorm({ name: 'note', schema: z.string() });
  const openRecords = async (file: string, readOnly = false) => {
    const store = await openSqliteWormStore({ file, definition: records, readOnly });
    onTestFinished(async () => store.close());
    return store;
  };
  test.each<[table: string, attempt: (file: string, readOnly?: boolean) => Promise<unknown>]>([
    ['entity_user', async (file, readOnly) => open(file, [user], readOnly)],
    ['document_note', async (file, readOnly) => openNotes(file, note, readOnly)],
    ['worm_note', openRecords],
  ])('%s', async (table, attempt) => {
    const file = await createFilled();
    const store = await openRecords(file);
    await store.append('a', 0, 'zero');
    await store.close();
    const raw = new DatabaseSync(file);
    raw.exec(`drop table ${table}${table === 'document_note' ? '; drop table unique_note' : ''}`);
    raw.close();
    await expectRefused(file, async () => attempt(file), [table, 'missing', 'restore'], 'CORRUPTED');
    await expectRefused(file, async () => attempt(file, true), [table, 'missing', 'restore'], 'CORRUPTED');
  });

  test('a write-once table of a file that does not record it yet is recorded when it is opened for writing', async () => {
    const file = await createFile();
    await (await openRecords(file)).close();
    const raw = new DatabaseSync(file);
    onTestFinished(() => raw.close());
    raw.exec('drop table sorcha_schema');
    await (await openRecords(file)).close();
    raw.exec('drop table worm_note');
    await expect(openRecords(file)).rejects.toMatchObject({ code: 'CORRUPTED' });
  });

  test('while the store is open, each call fails with CORRUPTED', async () => {
    const file = await createFile();
    const [rows, documents, store] = [await open(file, [user]), await openNotes(file), await openRecords(file)];
    await store.append('a', 0, 'zero');
    const raw = new DatabaseSync(file);
    onTestFinished(() => raw.close());
    raw.exec('drop table entity_user; drop table unique_note; drop table document_note; drop table worm_note');
    const calls: readonly (() => Promise<unknown>)[] = [
      async () => rows.repository(user).count(),
      async () => rows.repository(user).add({ id: 'a', size: 1 }),
      async () => documents.get('a'),
      async () => documents.insert({ id: 'a' }),
      async () => store.height('a'),
      async () => store.append('a', 1, 'one'),
    ];
    for (const call of calls) {
      await expect(call()).rejects.toMatchObject({ code: 'CORRUPTED' });
    }
    expect(await store.health()).toMatchObject({ status: 'fail' });
  });
});

test('a foreign file is refused by both stores and not touched', async () => {
  const file = await createFile();
  const raw = new DatabaseSync(file);
  raw.exec('create table entity_user (id text)');
  raw.close();
  await expectRefused(file, async () => open(file, [user]), ['no Sorcha database']);
  await expectRefused(file, async () => openNotes(file), ['no Sorcha database']);
});

test('relational, document and write-once stores share one file and do not mix', async () => {
  const file = await createFile();
  const sameName = defineEntity({ name: 'note', schema: z.object({ id: z.string() }), key: 'id' });
  const worm = defineWorm({ name: 'note', schema: z.string() });
  const [store, notes, records] = [
    await open(file, [user, sameName]),
    await openNotes(file),
    await openSqliteWormStore({ file, definition: worm }),
  ];
  onTestFinished(async () => records.close());
  await Promise.all([
    store.repository(sameName).add({ id: 'row' }),
    notes.insert({ id: 'document' }),
    records.append('s', 0, 'record'),
  ]);
  expect(await store.repository(sameName).find({})).toEqual([{ id: 'row', version: 1 }]);
  expect(await notes.find({})).toEqual([{ id: 'document', version: 1 }]);
  expect(await records.count('s')).toBe(1);
});

test('stores that create one file at the same time all open it', async () => {
  const file = await createFile();
  const stores = await Promise.all(Array.from({ length: 6 }, async () => open(file, [user])));
  await Promise.all(stores.map(async (store, index) => store.repository(user).add({ id: `${index}`, size: index })));
  expect(await stores[0]?.repository(user).count()).toBe(6);
});

test('reading a file whose definition it was never opened with is refused and writes nothing', async () => {
  const file = await createFilled();
  const other = defineEntity({ name: 'other', schema: z.object({ id: z.string() }), key: 'id' });
  const otherNote = defineDocument({ name: 'other', schema: z.looseObject({ id: z.string() }), key: 'id' });
  await expectRefused(file, async () => open(file, [other], true), ['entity_other', 'open the file for writing once']);
  const openOther = async () => openSqliteDocumentStore({ file, definition: otherNote, readOnly: true });
  await expectRefused(file, openOther, ['document_other', 'open the file for writing once']);
});
