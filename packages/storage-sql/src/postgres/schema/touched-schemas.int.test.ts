import { defineEntity, defineWorm } from '@sorcha/storage';
import { startPostgres } from '@sorcha/test-servers';
import type { Client } from 'pg';
import { afterAll, describe, expect, onTestFinished, test } from 'vitest';
import { z } from 'zod';
import type { AnyEntity } from '../../schema/entity-declaration.ts';
import { openRawConnection } from '../../testing/open-raw-connection.ts';
import { openPostgresRelationalStore } from '../relational/open-postgres-relational-store.ts';
import { openPostgresWormStore } from '../worm/open-postgres-worm-store.ts';

const server = await startPostgres({ onEnd: afterAll });
const members = { id: z.string(), email: z.string().optional(), size: z.number() };
const user = defineEntity({ name: 'user', schema: z.object(members), key: 'id', unique: [['email']] });
const records = defineWorm({ name: 'note', schema: z.string() });

const open = async (url: string, entities: readonly AnyEntity[]) => {
  const store = await openPostgresRelationalStore({ url, entities });
  onTestFinished(async () => store.close());
  return store;
};
const openRecords = async (url: string) => {
  const store = await openPostgresWormStore({ url, definition: records });
  onTestFinished(async () => store.close());
  return store;
};

/** A database with one user and one record, and a connection past the stores. */
async function createFilled(): Promise<{ url: string; raw: Client }> {
  const url = await server.createDatabase();
  await (await open(url, [user])).repository(user).add({ id: 'a', email: 'e', size: 1 });
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
async function expectRefused(raw: Client, attempt: () => Promise<unknown>, words: readonly string[]): Promise<void> {
  const before = await describeSchema(raw);
  const message = expect.stringMatching(new RegExp(words.join('.*'), 'u')) as unknown;
  await expect(attempt()).rejects.toMatchObject({ code: 'INCOMPATIBLE_SERVER', message });
  expect(await describeSchema(raw)).toEqual(before);
}

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

test('an index that is no longer declared stays', async () => {
  const { url, raw } = await createFilled();
  const indexed = defineEntity({
    name: 'user',
    schema: z.object(members),
    key: 'id',
    unique: [['email']],
    indexes: [['size']],
  });
  await (await open(url, [indexed])).close();
  await (await open(url, [user])).close();
  const { rows } = await raw.query("select indexname from pg_indexes where indexname like 'entity_user.size.%'");
  expect(rows).toHaveLength(1);
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
