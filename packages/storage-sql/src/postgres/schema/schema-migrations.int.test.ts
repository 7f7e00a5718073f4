import { defineEntity } from '@sorcha/storage';
import { startPostgres } from '@sorcha/test-servers';
import { afterAll, describe, expect, onTestFinished, test } from 'vitest';
import { z } from 'zod';
import type { AnyEntity } from '../../schema/entity-declaration.ts';
import { openRawConnection } from '../../testing/open-raw-connection.ts';
import { openPostgresRelationalStore } from '../relational/open-postgres-relational-store.ts';
import type { SchemaMigration } from './schema-migrations.ts';

const server = await startPostgres({ onEnd: afterAll });
const before = defineEntity({
  name: 'user',
  schema: z.object({ id: z.string(), age: z.string(), city: z.string().optional() }),
  key: 'id',
  indexes: [['age']],
});
const after = defineEntity({
  name: 'user',
  schema: z.object({ id: z.string(), age: z.int(), town: z.string() }),
  key: 'id',
  indexes: [['age']],
});
const dropIndexes = `do $$ declare one text; begin
  for one in select indexname from pg_indexes where schemaname || '' = replace('{schema}', '"', '') and indexname like 'entity_user.%'
  loop execute format('drop index {schema}.%I', one); end loop; end $$`;
const change: SchemaMigration = {
  name: '1 age is a number, city a town',
  up: `
    ${dropIndexes};
    alter table {schema}.entity_user alter column age type bigint using age::bigint;
    alter table {schema}.entity_user add column if not exists town text collate "C";
    do $$ begin
      if exists (select from information_schema.columns where table_name = 'entity_user' and column_name = 'city'
        and table_schema = replace('{schema}', '"', '')) then
        update {schema}.entity_user set town = coalesce(city, 'unknown');
        alter table {schema}.entity_user drop column city;
      end if;
    end $$;
    alter table {schema}.entity_user alter column town set not null`,
};

const open = async (url: string, entities: readonly AnyEntity[], migrations: readonly SchemaMigration[] = []) => {
  const store = await openPostgresRelationalStore({ url, entities, migrations });
  onTestFinished(async () => store.close());
  return store;
};

async function createFilled(): Promise<string> {
  const url = await server.createDatabase();
  const store = await open(url, [before]);
  for (const space of [store, store.tenant('one')]) {
    await space.repository(before).addMany([
      { id: 'a', age: '41', city: 'Oslo' },
      { id: 'b', age: '7' },
    ]);
  }
  await store.close();
  return url;
}

describe('a migration', () => {
  test('changes what a declaration alone cannot, in the schema and those of tenants, once', async () => {
    const url = await createFilled();
    for (let round = 0; round < 2; round += 1) {
      const store = await open(url, [after], [change]);
      for (const space of [store, store.tenant('one')]) {
        expect(await space.repository(after).find({ age: { $gte: 7 } })).toEqual([
          { id: 'a', age: 41, town: 'Oslo', version: 1 },
          { id: 'b', age: 7, town: 'unknown', version: 1 },
        ]);
      }
      await store.close();
    }
    const raw = await openRawConnection(url, onTestFinished);
    const { rows } = await raw.query('select position, name from sorcha.sorcha_migrations');
    expect(rows).toEqual([{ position: 0, name: change.name }]);
  });

  test('runs in a new schema too, after its tables were made', async () => {
    const store = await open(await server.createDatabase(), [after], [change]);
    await store.repository(after).add({ id: 'a', age: 1, town: 't' });
    await store.tenant('new').repository(after).add({ id: 'a', age: 1, town: 't' });
    expect(await store.tenant('new').repository(after).count({ age: 1 })).toBe(1);
  });

  test('that fails is INVALID by name, and nothing of it or of those before it remains', async () => {
    const url = await createFilled();
    const failing = { name: '2 fails', up: 'update {schema}.entity_user set nothing = 1' };
    await expect(open(url, [after], [change, failing])).rejects.toMatchObject({
      code: 'INVALID',
      message: expect.stringMatching(/2 fails.*nothing/u) as unknown,
    });
    expect(await (await open(url, [before])).repository(before).count({ age: '41' })).toBe(1);
  });

  test('that leaves the tables unlike the declaration is INCOMPATIBLE_SERVER, and taken back', async () => {
    const url = await createFilled();
    const wrong = { name: 'wrong', up: 'alter table {schema}.entity_user add column extra text collate "C"' };
    await expect(open(url, [before], [wrong])).rejects.toMatchObject({
      code: 'INCOMPATIBLE_SERVER',
      message: expect.stringMatching(/extra.*no longer declared/u) as unknown,
    });
    const odd = { name: 'odd', up: 'alter table {schema}.entity_user add column extra money' };
    await expect(open(url, [before], [odd])).rejects.toMatchObject({
      code: 'INCOMPATIBLE_SERVER',
      message: expect.stringMatching(/extra.*money/u) as unknown,
    });
    expect(await (await open(url, [before])).repository(before).count()).toBe(2);
  });

  test('that ends its transaction is INVALID', async () => {
    const url = await createFilled();
    await expect(open(url, [before], [{ name: 'ends', up: 'select 1; commit; begin' }])).rejects.toMatchObject({
      code: 'INVALID',
      message: expect.stringContaining('ends') as unknown,
    });
  });

  test('leaves no settings behind for calls that come after', async () => {
    const url = await server.createDatabase();
    const sizes = defineEntity({ name: 'size', schema: z.object({ id: z.string(), size: z.number() }), key: 'id' });
    const setting = { name: 'sets', up: 'set extra_float_digits = -10' };
    const store = await openPostgresRelationalStore({
      url,
      entities: [sizes],
      migrations: [setting],
      pool: { max: 1 },
    });
    onTestFinished(async () => store.close());
    await store.repository(sizes).add({ id: 'a', size: 0.123456789 });
    expect(await store.repository(sizes).get('a')).toMatchObject({ size: 0.123456789 });
  });

  test('may take longer than a call may, and than a call waits for its answer', async () => {
    const url = await server.createDatabase();
    // A call waits for five seconds more than its statement may take.
    const slow = { name: 'slow', up: 'select pg_sleep(5.2)' };
    const options = { url, entities: [before], migrations: [slow], statementTimeoutMs: 100 };
    const store = await openPostgresRelationalStore(options);
    onTestFinished(async () => store.close());
    expect(await store.repository(before).count()).toBe(0);
  });

  test('runs once when several stores open at the same time', async () => {
    const url = await createFilled();
    const count = {
      name: 'count',
      up: 'create table if not exists {schema}.runs (n int); insert into {schema}.runs values (1)',
    };
    await Promise.all([1, 2, 3, 4].map(async () => open(url, [before], [count])));
    const raw = await openRawConnection(url, onTestFinished);
    expect((await raw.query('select count(*)::int as runs from sorcha.runs')).rows).toEqual([{ runs: 1 }]);
  });
});

describe('a list of migrations that is not a continuation is INCOMPATIBLE_SERVER by name', () => {
  const [one, two] = ['one', 'two'].map((name) => ({ name, up: `create table if not exists {schema}.${name} ()` }));
  const list = [one, two].filter((migration) => migration !== undefined);
  test.each<[string, SchemaMigration[], RegExp]>([
    ['another text', [{ name: 'one', up: 'select 1' }, ...list.slice(1)], /one/u],
    ['another order', list.toReversed(), /one.*two/u],
    ['one less', list.slice(0, 1), /two/u],
    ['none', [], /one/u],
    ['another name', [{ name: 'other', up: list[0]?.up ?? '' }, ...list.slice(1)], /one.*other/u],
  ])('%s', async (_, migrations, words) => {
    const url = await server.createDatabase();
    await (await open(url, [before], list)).close();
    await expect(open(url, [before], migrations)).rejects.toMatchObject({
      code: 'INCOMPATIBLE_SERVER',
      message: expect.stringMatching(words) as unknown,
    });
    await (await open(url, [before], [...list, { name: 'three', up: 'select 3' }])).close();
  });
});

test.each([
  ['two of one name', [change, change]],
  ['without statements', [{ name: 'x', up: '' }]],
  ['without a name', [{ name: '', up: 'select 1' }]],
])('migrations %s are INVALID', async (_, migrations) => {
  await expect(open('postgres://u@127.0.0.1:1/d', [before], migrations)).rejects.toMatchObject({ code: 'INVALID' });
});
