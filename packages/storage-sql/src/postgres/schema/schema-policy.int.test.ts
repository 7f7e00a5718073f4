import { defineDocument, defineEntity, defineWorm } from '@sorcha/storage';
import { startPostgres } from '@sorcha/test-servers';
import type { Client } from 'pg';
import { afterAll, describe, expect, onTestFinished, test } from 'vitest';
import { z } from 'zod';
import type { AnyEntity } from '../../sqlite/relational/entity-table.ts';
import { openRawConnection } from '../../testing/open-raw-connection.ts';
import { openPostgresDocumentStore } from '../documents/open-postgres-document-store.ts';
import { openPostgresRelationalStore } from '../relational/open-postgres-relational-store.ts';
import { openPostgresWormStore } from '../worm/open-postgres-worm-store.ts';

const server = await startPostgres({ onEnd: afterAll });
const shape = { id: z.string(), email: z.string().optional(), size: z.number(), tags: z.array(z.string()).optional() };
const user = defineEntity({ name: 'user', schema: z.object(shape), key: 'id', unique: [['email']] });
const userOf = (members: z.core.$ZodLooseShape, unique: string[][] = [['email']], key = 'id') =>
  defineEntity({ name: 'user', schema: z.object(members), key, unique });
const note = defineDocument({ name: 'note', schema: z.looseObject({ id: z.string() }), key: 'id', unique: ['code'] });
const noteOf = (options: { key?: string; unique?: string[] }) =>
  defineDocument({ name: 'note', schema: z.looseObject({ id: z.string(), name: z.string() }), key: 'id', ...options });
const records = defineWorm({ name: 'note', schema: z.string() });

const open = async (url: string, entities: readonly AnyEntity[]) => {
  const store = await openPostgresRelationalStore({ url, entities });
  onTestFinished(async () => store.close());
  return store;
};
const openNotes = async (url: string, definition = note) => {
  const store = await openPostgresDocumentStore({ url, definition });
  onTestFinished(async () => store.close());
  return store;
};
const openRecords = async (url: string) => {
  const store = await openPostgresWormStore({ url, definition: records });
  onTestFinished(async () => store.close());
  return store;
};

/** A database with one user, one note and one record, and a connection past the stores. */
async function createFilled(): Promise<{ url: string; raw: Client }> {
  const url = await server.createDatabase();
  await (await open(url, [user])).repository(user).add({ id: 'a', email: 'e', size: 1, tags: ['x'] });
  await (await openNotes(url)).insert({ id: 'n', code: 'c' });
  await (await openRecords(url)).append('s', 0, 'zero');
  return { url, raw: await openRawConnection(url, onTestFinished) };
}

/** What is in the schema, in words. */
async function describeSchema(raw: Client): Promise<unknown> {
  const { rows } = await raw.query(`
    select table_name, column_name, data_type, is_nullable from information_schema.columns where table_schema = 'sorcha'
    union all select tablename, indexname, indexdef, '' from pg_indexes where schemaname = 'sorcha'
    union all select name, declaration, shape, '' from sorcha.sorcha_schema order by 1, 2, 3`);
  return rows;
}

/** Checks that opening is refused, says all `words`, and changes nothing. */
async function expectRefused(
  raw: Client,
  attempt: () => Promise<unknown>,
  words: readonly string[],
  code = 'INCOMPATIBLE_SERVER',
): Promise<void> {
  const before = await describeSchema(raw);
  const message = expect.stringMatching(new RegExp(words.join('.*'), 'u')) as unknown;
  await expect(attempt()).rejects.toMatchObject({ code, message });
  expect(await describeSchema(raw)).toEqual(before);
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
  ])('%s', async (_, entity, words) => {
    const { url, raw } = await createFilled();
    await expectRefused(raw, async () => open(url, [entity]), words);
    expect(await (await open(url, [user])).repository(user).count()).toBe(1);
  });

  test('and of several entities none is created then', async () => {
    const { url, raw } = await createFilled();
    const team = defineEntity({ name: 'team', schema: z.object({ id: z.int() }), key: 'id' });
    await expectRefused(raw, async () => open(url, [team, userOf({ id, email, tags })]), ['size']);
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
    const { url } = await createFilled();
    const users = (await open(url, [grown])).repository(grown);
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
    const { url, raw } = await createFilled();
    await (await open(url, [grown])).close();
    await expectRefused(raw, async () => open(url, [user]), ['born', 'no longer declared']);
  });

  test('also in the schemas of tenants, when they are used next', async () => {
    const { url } = await createFilled();
    await (await open(url, [user])).tenant('one').repository(user).add({ id: 'a', size: 1 });
    const users = (await open(url, [grown])).tenant('one').repository(grown);
    expect(await users.find({})).toEqual([{ id: 'a', size: 1, note: null, extra: null, version: 1 }]);
    const refused = (await open(url, [grown])).tenant('one').repository(grown);
    expect(await refused.count()).toBe(1);
  });

  test('indexes, and they may go without being removed', async () => {
    const { url, raw } = await createFilled();
    const indexed = defineEntity({
      name: 'user',
      schema: z.object(shape),
      key: 'id',
      unique: [['email']],
      indexes: [['size']],
    });
    await (await open(url, [indexed])).close();
    await (await open(url, [user])).close();
    const { rows } = await raw.query("select indexname from pg_indexes where indexname like 'entity_user.size.%'");
    expect(rows).toHaveLength(1);
  });
});

describe('documents', () => {
  test('another key or other unique paths are refused', async () => {
    const { url, raw } = await createFilled();
    const openOther = async (options: Parameters<typeof noteOf>[0]) =>
      openPostgresDocumentStore({ url, definition: noteOf(options) });
    await expectRefused(raw, async () => openOther({ key: 'name', unique: ['code'] }), [
      'document_note',
      'key "id"',
      'name',
    ]);
    await expectRefused(raw, async () => openOther({ unique: ['code', 'other'] }), [
      'unique paths code',
      'code, other',
    ]);
    await expectRefused(raw, async () => openOther({}), ['unique paths code', 'none']);
  });

  test('an index that is declared later finds documents that were there, also by paths that differ in case', async () => {
    const { url } = await createFilled();
    const schema = z.looseObject({ id: z.string() });
    const paths = { indexes: ['a.b', 'A.b', 'a.B', `${'long_'.repeat(12)}.path`], unique: ['code'] };
    const notes = await openNotes(url, defineDocument({ name: 'note', schema, key: 'id', ...paths }));
    await notes.insert({ id: 'x', a: { b: 1, B: 2 }, A: { b: 3 } });
    expect(await notes.find({ code: 'c' })).toEqual([{ id: 'n', code: 'c', version: 1 }]);
    for (const filter of [{ 'a.b': 1 }, { 'A.b': 3 }, { 'a.B': 2 }]) {
      expect(await notes.count(filter)).toBe(1);
    }
    expect(await notes.count({ 'a.b': 3 })).toBe(0);
  });
});

describe('tables that others have touched are refused', () => {
  test.each([
    ['a column was added', 'alter table sorcha.entity_user add column more text', 'changed by another program'],
    ['a column has another type', 'alter table sorcha.entity_user alter column size type text', 'changed by'],
    ['a column may be empty', 'alter table sorcha.entity_user alter column size drop not null', 'changed by'],
    ['a unique index was removed', dropUnique(), 'changed by'],
    ['a check was added', 'alter table sorcha.entity_user add check (size > 0)', 'changed by'],
    [
      'a trigger was added',
      `create function sorcha.f() returns trigger language plpgsql as $$ begin return null; end $$;
       create trigger t before insert on sorcha.entity_user for each row execute function sorcha.f()`,
      'changed by',
    ],
    ['the record was removed', 'delete from sorcha.sorcha_schema', 'not made by this software'],
    [
      'the record is of another version',
      `update sorcha.sorcha_schema set declaration = '{"columns":{}}'`,
      'another version',
    ],
  ])('%s', async (_, statement, word) => {
    const { url, raw } = await createFilled();
    await raw.query(statement);
    await expectRefused(raw, async () => open(url, [user]), [word]);
  });

  function dropUnique(): string {
    return `do $$ begin execute (select format('drop index sorcha.%I', indexname) from pg_indexes
      where indexname like 'unique:entity_user.email.%'); end $$`;
  }

  test.each([
    ['a trigger was disabled', 'alter table sorcha.worm_note disable trigger refuse_update'],
    ['a trigger was removed', 'drop trigger refuse_delete on sorcha.worm_note'],
    [
      'a function was made toothless',
      `create or replace function sorcha."worm_note:refuse"() returns trigger language plpgsql as $$ begin return new; end $$`,
    ],
    ['a column was added', 'alter table sorcha.worm_note add column more text'],
  ])('a write-once table: %s', async (_, statement) => {
    const { url, raw } = await createFilled();
    await raw.query(statement);
    await expectRefused(raw, async () => openRecords(url), ['worm_note', 'changed by another program']);
  });
});

describe('a table that was removed is CORRUPTED and not made anew: its rows are lost', () => {
  test.each<[table: string, attempt: (url: string) => Promise<unknown>]>([
    ['entity_user', async (url) => open(url, [user])],
    ['document_note', async (url) => openNotes(url)],
    ['worm_note', openRecords],
  ])('%s', async (table, attempt) => {
    const { url, raw } = await createFilled();
    await raw.query(
      `drop table sorcha.${table} cascade${table === 'document_note' ? '; drop table sorcha.unique_note' : ''}`,
    );
    await expectRefused(raw, async () => attempt(url), [table, 'missing', 'restore'], 'CORRUPTED');
  });

  test('while the store is open, each call fails with CORRUPTED', async () => {
    const { url, raw } = await createFilled();
    const [rows, documents, store] = [await open(url, [user]), await openNotes(url), await openRecords(url)];
    await raw.query('drop table sorcha.entity_user, sorcha.unique_note, sorcha.document_note, sorcha.worm_note');
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

test('a table of that name that is not ours is refused and not touched', async () => {
  const url = await server.createDatabase();
  const raw = await openRawConnection(url, onTestFinished);
  await raw.query('create schema sorcha; create table sorcha.entity_user (id text)');
  await expect(open(url, [user])).rejects.toMatchObject({ code: 'INCOMPATIBLE_SERVER' });
  const { rows } = await raw.query(
    "select relname from pg_class c join pg_namespace n on n.oid = relnamespace where nspname = 'sorcha'",
  );
  expect(rows).toEqual([{ relname: 'entity_user' }]);
});

test('relational, document and write-once stores share one schema and do not mix', async () => {
  const { url } = await createFilled();
  const sameName = defineEntity({ name: 'note', schema: z.object({ id: z.string() }), key: 'id' });
  const store = await open(url, [user, sameName]);
  await store.repository(sameName).add({ id: 'row' });
  expect(await store.repository(sameName).find({})).toEqual([{ id: 'row', version: 1 }]);
  expect(await (await openNotes(url)).find({})).toEqual([{ id: 'n', code: 'c', version: 1 }]);
  expect(await (await openRecords(url)).count('s')).toBe(1);
});

test('stores that create one schema at the same time all open it', async () => {
  const url = await server.createDatabase();
  const stores = await Promise.all(Array.from({ length: 6 }, async () => open(url, [user])));
  await Promise.all(stores.map(async (store, index) => store.repository(user).add({ id: `${index}`, size: index })));
  expect(await stores[0]?.repository(user).count()).toBe(6);
});

test('members that are called as columns of the system are kept like others', async () => {
  const odd = defineEntity({
    name: 'odd',
    schema: z.object({ ctid: z.string(), xmin: z.int(), tableoid: z.string().optional(), select: z.string() }),
    key: 'ctid',
    indexes: [['xmin', 'tableoid']],
    unique: [['select']],
  });
  const rows = (await open(await server.createDatabase(), [odd])).repository(odd);
  const stored = await rows.add({ ctid: 'a', xmin: 1, tableoid: 't', select: 's' });
  expect(
    await rows.find({ ctid: 'a', xmin: 1, tableoid: { $startsWith: 't' } }, { orderBy: [{ path: 'xmin' }] }),
  ).toEqual([stored]);
  expect(await rows.update({ ...stored, xmin: 2 })).toEqual({ ...stored, xmin: 2, version: 2 });
});
