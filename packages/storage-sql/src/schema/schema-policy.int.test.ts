import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { type DocumentDefinition, defineDocument, defineEntity, defineWorm } from '@sorcha/storage';
import { createTemporaryFolder } from '@sorcha/storage/testing';
import { startPostgres } from '@sorcha/test-servers';
import { Client } from 'pg';
import { afterAll, describe, expect, onTestFinished, test } from 'vitest';
import { z } from 'zod';
import { openPostgresDocumentStore } from '../postgres/documents/open-postgres-document-store.ts';
import { openPostgresRelationalStore } from '../postgres/relational/open-postgres-relational-store.ts';
import { openPostgresWormStore } from '../postgres/worm/open-postgres-worm-store.ts';
import { openSqliteDocumentStore } from '../sqlite/documents/open-sqlite-document-store.ts';
import { openSqliteRelationalStore } from '../sqlite/relational/open-sqlite-relational-store.ts';
import { openSqliteWormStore } from '../sqlite/worm/open-sqlite-worm-store.ts';
import type { AnyEntity } from './entity-declaration.ts';

const server = await startPostgres({ onEnd: afterAll });

const shape = { id: z.string(), email: z.string().optional(), size: z.number(), tags: z.array(z.string()).optional() };
const user = defineEntity({ name: 'user', schema: z.object(shape), key: 'id', unique: [['email']] });
const userOf = (members: z.core.$ZodLooseShape, unique: string[][] = [['email']], key = 'id') =>
  defineEntity({ name: 'user', schema: z.object(members), key, unique });
const note = defineDocument({ name: 'note', schema: z.looseObject({ id: z.string() }), key: 'id', unique: ['code'] });
const noteOf = (options: { key?: string; unique?: string[] }) =>
  defineDocument({ name: 'note', schema: z.looseObject({ id: z.string(), name: z.string() }), key: 'id', ...options });
const records = defineWorm({ name: 'note', schema: z.string() });

/** A new file of SQLite, and how its stores are opened. */
async function createFile() {
  const file = join(await createTemporaryFolder(onTestFinished), 'warm.sqlite');
  return {
    /** Also only to read, which must refuse what does not fit all the same. */
    modes: [{}, { readOnly: true }],
    open: async (entities: readonly AnyEntity[], mode: object) =>
      openSqliteRelationalStore({ file, entities, ...mode }),
    openNotes: async <D extends object, I>(definition: DocumentDefinition<D, I>, mode: object) =>
      openSqliteDocumentStore({ file, definition, ...mode }),
    openRecords: async (mode: object) => openSqliteWormStore({ file, definition: records, ...mode }),
    /** Runs statements past the stores; `{at}` stands for where the tables are. */
    run: async (text: string) => {
      const raw = new DatabaseSync(file);
      raw.exec(text.replaceAll('{at}', '').replaceAll(' cascade', ''));
      raw.close();
    },
    /** Everything that refusing must not change. */
    look: async (): Promise<unknown> => [(await readFile(file)).toString('base64'), await readdir(join(file, '..'))],
  };
}

const LOOK = `
  select table_name, column_name, data_type, is_nullable from information_schema.columns where table_schema = 'sorcha'
  union all select tablename, indexname, indexdef, '' from pg_indexes where schemaname = 'sorcha'
  union all select name, declaration, shape, '' from sorcha.sorcha_schema order by 1, 2, 3`;

/** A new database of PostgreSQL. */
async function createDatabase(): ReturnType<typeof createFile> {
  const url = await server.createDatabase();
  const query = async (text: string) => {
    const raw = new Client(url);
    await raw.connect();
    try {
      return await raw.query<Record<string, unknown>>(text);
    } finally {
      await raw.end();
    }
  };
  return {
    modes: [{}],
    open: async (entities) => openPostgresRelationalStore({ url, entities }),
    openNotes: async (definition) => openPostgresDocumentStore({ url, definition }),
    openRecords: async () => openPostgresWormStore({ url, definition: records }),
    run: async (text) => void (await query(text.replaceAll('{at}', 'sorcha.'))),
    look: async () => (await query(LOOK)).rows,
  };
}

describe.each([
  ['sqlite', createFile],
  ['postgres', createDatabase],
])('%s', (_, create) => {
  /** A new database whose stores are closed at the end of the test. */
  async function createEmpty() {
    const { open, openNotes, openRecords, ...rest } = await create();
    const closing = <S extends { close(): Promise<void> }>(store: S) => {
      onTestFinished(async () => store.close());
      return store;
    };
    return {
      ...rest,
      open: async (entities: readonly AnyEntity[], mode = {}) => closing(await open(entities, mode)),
      openNotes: async <D extends object, I>(definition: DocumentDefinition<D, I>, mode = {}) =>
        closing(await openNotes(definition, mode)),
      openRecords: async (mode = {}) => closing(await openRecords(mode)),
    };
  }
  type Place = Awaited<ReturnType<typeof createEmpty>>;

  /** One user, one note and one record, which nobody has open. */
  async function createFilled(): Promise<Place> {
    const place = await createEmpty();
    const [store, notes, worm] = [await place.open([user]), await place.openNotes(note), await place.openRecords()];
    await store.repository(user).add({ id: 'a', email: 'e', size: 1, tags: ['x'] });
    await notes.insert({ id: 'n', code: 'c' });
    await worm.append('s', 0, 'zero');
    await Promise.all([store.close(), notes.close(), worm.close()]);
    return place;
  }

  /** Checks that opening is refused in every mode, says all `words`, and changes nothing. */
  async function expectRefused(
    place: Place,
    attempt: (mode: object) => Promise<unknown>,
    words: readonly string[],
    code = 'INCOMPATIBLE_SERVER',
  ): Promise<void> {
    const before = await place.look();
    const message = expect.stringMatching(new RegExp(words.join('.*'), 'u')) as unknown;
    for (const mode of place.modes) {
      await expect(attempt(mode)).rejects.toMatchObject({ code, message });
    }
    expect(await place.look()).toEqual(before);
  }

  describe('an entity that differs from its table is refused by the name of what differs', () => {
    const { email, size, tags, id } = shape;
    test.each<[string, AnyEntity, string[]]>([
      ['a column that is gone', userOf({ id, email, tags }), ['entity_user', 'size', 'no longer declared']],
      ['another type', userOf({ id, email, size: z.string(), tags }), ['size', 'required double', 'required text']],
      ['text instead of JSON', userOf({ id, email, size, tags: z.string().optional() }), ['tags', 'json', 'text']],
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
    ])('%s', async (_name, entity, words) => {
      const place = await createFilled();
      await expectRefused(place, async (mode) => place.open([entity], mode), words);
      expect(await (await place.open([user])).repository(user).count()).toBe(1);
    });

    test('and of several entities none is created then', async () => {
      const place = await createFilled();
      const team = defineEntity({ name: 'team', schema: z.object({ id: z.int() }), key: 'id' });
      await expectRefused(place, async () => place.open([team, userOf({ id, email, tags })]), ['size']);
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
      const place = await createFilled();
      const users = (await place.open([grown])).repository(grown);
      const stored = await users.get('a');
      expect(stored).toEqual({ id: 'a', email: 'e', size: 1, tags: ['x'], note: null, extra: null, version: 1 });
      expect(await users.find({ born: null, note: null, extra: null, more: { $exists: false } })).toEqual([stored]);
      expect(await users.find({ extra: { $exists: true } })).toEqual([stored]);
      const full = { id: 'b', size: 2, born: new Date(7), note: 'n', extra: [1], more: [2] };
      await users.add(full);
      expect(await users.find({ born: { $gt: new Date(6) } })).toEqual([{ ...full, version: 1 }]);
      await expect(users.add({ ...full, id: 'c', email: 'e' })).rejects.toMatchObject({ code: 'ALREADY_EXISTS' });
    });

    test('which the older declaration then refuses by name', async () => {
      const place = await createFilled();
      await (await place.open([grown])).close();
      await expectRefused(place, async (mode) => place.open([user], mode), ['born', 'no longer declared']);
    });

    test('which the tables of tenants get when they are used next', async () => {
      const place = await createFilled();
      await (await place.open([user])).tenant('one').repository(user).add({ id: 'a', size: 1 });
      const users = (await place.open([grown])).tenant('one').repository(grown);
      expect(await users.find({})).toEqual([{ id: 'a', size: 1, note: null, extra: null, version: 1 }]);
    });
  });

  describe('documents', () => {
    test('another key or other unique paths are refused', async () => {
      const place = await createFilled();
      const refused: readonly (readonly [Parameters<typeof noteOf>[0], string[]])[] = [
        [{ key: 'name', unique: ['code'] }, ['document_note', 'key "id"', 'name']],
        [{ unique: ['code', 'other'] }, ['unique paths code', 'code, other']],
        [{}, ['unique paths code', 'none']],
      ];
      for (const [options, words] of refused) {
        await expectRefused(place, async (mode) => place.openNotes(noteOf(options), mode), words);
      }
    });

    test('an index that is declared later finds documents that were there, also by paths that differ in case', async () => {
      const place = await createFilled();
      const schema = z.looseObject({ id: z.string() });
      const paths = { indexes: ['a.b', 'A.b', 'a.B', `${'long_'.repeat(12)}.path`], unique: ['code'] };
      const notes = await place.openNotes(defineDocument({ name: 'note', schema, key: 'id', ...paths }));
      await notes.insert({ id: 'x', a: { b: 1, B: 2 }, A: { b: 3 } });
      expect(await notes.find({ code: 'c' })).toEqual([{ id: 'n', code: 'c', version: 1 }]);
      for (const filter of [{ 'a.b': 1 }, { 'A.b': 3 }, { 'a.B': 2 }]) {
        expect(await notes.count(filter)).toBe(1);
      }
      expect(await notes.count({ 'a.b': 3 })).toBe(0);
    });
  });

  describe('a table that was removed is CORRUPTED and not made anew: its rows are lost', () => {
    test.each<[table: string, attempt: (place: Place, mode: object) => Promise<unknown>]>([
      ['entity_user', async (place, mode) => place.open([user], mode)],
      ['document_note', async (place, mode) => place.openNotes(note, mode)],
      ['worm_note', async (place, mode) => place.openRecords(mode)],
    ])('%s', async (table, attempt) => {
      const place = await createFilled();
      const dropTaken = table === 'document_note' ? '; drop table {at}unique_note' : '';
      await place.run(`drop table {at}${table} cascade${dropTaken}`);
      await expectRefused(place, async (mode) => attempt(place, mode), [table, 'missing', 'restore'], 'CORRUPTED');
    });

    test('while the store is open, each call fails with CORRUPTED', async () => {
      const place = await createFilled();
      const [rows, documents, store] = [
        await place.open([user]),
        await place.openNotes(note),
        await place.openRecords(),
      ];
      for (const table of ['entity_user', 'unique_note', 'document_note', 'worm_note']) {
        await place.run(`drop table {at}${table}`);
      }
      const calls: readonly (() => Promise<unknown>)[] = [
        async () => rows.repository(user).count(),
        async () => rows.repository(user).add({ id: 'a', size: 1 }),
        async () => documents.get('a'),
        async () => documents.insert({ id: 'a' }),
        async () => store.height('a'),
        async () => store.append('a', 0, 'zero'),
      ];
      for (const call of calls) {
        await expect(call()).rejects.toMatchObject({ code: 'CORRUPTED' });
      }
      expect(await store.health()).toMatchObject({ status: 'fail' });
    });
  });

  test('relational, document and write-once stores share one place and do not mix', async () => {
    const place = await createFilled();
    const sameName = defineEntity({ name: 'note', schema: z.object({ id: z.string() }), key: 'id' });
    const store = await place.open([user, sameName]);
    await store.repository(sameName).add({ id: 'row' });
    expect(await store.repository(sameName).find({})).toEqual([{ id: 'row', version: 1 }]);
    expect(await (await place.openNotes(note)).find({})).toEqual([{ id: 'n', code: 'c', version: 1 }]);
    expect(await (await place.openRecords()).count('s')).toBe(1);
  });

  test('stores that create the tables at the same time all open', async () => {
    const place = await createEmpty();
    const stores = await Promise.all(Array.from({ length: 6 }, async () => place.open([user])));
    await Promise.all(stores.map(async (store, index) => store.repository(user).add({ id: `${index}`, size: index })));
    expect(await stores[0]?.repository(user).count()).toBe(6);
  });
});
