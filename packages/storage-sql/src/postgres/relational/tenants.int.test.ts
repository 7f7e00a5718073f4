import { defineEntity, type RelationalStore } from '@sorcha/storage';
import { startPostgres } from '@sorcha/test-servers';
import { afterAll, describe, expect, onTestFinished, test } from 'vitest';
import { z } from 'zod';
import { openRawConnection } from '../../testing/open-raw-connection.ts';
import { openPostgresRelationalStore, type PostgresRelationalOptions } from './open-postgres-relational-store.ts';

const server = await startPostgres({ onEnd: afterAll });
const item = defineEntity({
  name: 'item',
  schema: z.object({ id: z.string(), owner: z.string(), code: z.string().optional() }),
  key: 'id',
  indexes: [['owner']],
  unique: [['code']],
});

async function createDatabase(options: Partial<PostgresRelationalOptions> = {}) {
  const url = await server.createDatabase();
  const open = async () => {
    const store = await openPostgresRelationalStore({ url, entities: [item], ...options });
    onTestFinished(async () => store.close());
    return store;
  };
  const raw = await openRawConnection(url, onTestFinished);
  const listSchemas = async () => {
    const { rows } = await raw.query<{ name: string }>(
      'select nspname as name from pg_namespace where nspname like \'sorcha%\' order by nspname collate "C"',
    );
    return rows.map(({ name }) => name);
  };
  return { raw, open, listSchemas };
}

/** Ids that look alike, contain each other, or look like something else; all that a tenant may have. */
const ids = [
  'a',
  'b',
  'ab',
  'a-b',
  'a--b',
  'public',
  'sorcha',
  'pg-catalog',
  'information-schema',
  'select',
  '0',
  'x'.repeat(62),
  'x'.repeat(63),
  `${'x'.repeat(62)}y`,
  'y'.repeat(50),
];

describe.each([1, 10])('over a pool of %i', (max) => {
  test('no row of 10,000 operations with errors in between crosses from one of many tenants to another', async () => {
    const { open } = await createDatabase({ pool: { max, acquireTimeoutMs: 60_000 } });
    const store = await open();
    const seed = Number(process.env['SORCHA_TEST_SEED'] ?? Date.now() % 2 ** 31);
    process.stderr.write(`tenants: SORCHA_TEST_SEED=${seed}\n`);
    const random = createRandom(seed);
    const expected = new Map(ids.map((id) => [id, 0]));
    const changeOfMind = new Error('changed my mind');
    const operate = async (index: number): Promise<void> => {
      const owner = ids[Math.floor(random() * ids.length)] ?? 'a';
      const tenant = store.tenant(owner);
      const items = tenant.repository(item);
      const row = { id: `${index}`, owner };
      switch (Math.floor(random() * 7)) {
        case 0:
          await items.add(row);
          expected.set(owner, (expected.get(owner) ?? 0) + 1);
          return;
        case 1:
          await tenant.transaction(async (bound) => {
            await bound.repository(item).add(row);
            expect(await bound.repository(item).count({ owner: { $ne: owner } })).toBe(0);
          });
          expected.set(owner, (expected.get(owner) ?? 0) + 1);
          return;
        case 2:
          await expect(
            tenant.transaction(async (bound) => {
              await bound.repository(item).add(row);
              throw changeOfMind;
            }),
          ).rejects.toBe(changeOfMind);
          return;
        case 3:
          await expect(items.addMany([row, row])).rejects.toMatchObject({ code: 'ALREADY_EXISTS' });
          return;
        case 4:
          await expect(items.update({ ...row, version: 3 })).rejects.toMatchObject({ code: 'NOT_FOUND' });
          return;
        case 5:
          await expect(items.get('a', { signal: AbortSignal.abort() })).rejects.toMatchObject({ code: 'TIMEOUT' });
          return;
        default:
          expect(await items.count({ owner: { $ne: owner } })).toBe(0);
          for (const found of await items.find({}, { limit: 5 })) {
            expect(found.owner).toBe(owner);
          }
      }
    };
    const queue = Array.from({ length: 10_000 }, (_, index) => index).values();
    const work = async () => {
      for (const index of queue) {
        await operate(index);
      }
    };
    await Promise.all(Array.from({ length: 20 }, work));
    for (const id of ids) {
      const items = await store.tenant(id).repository(item).find({});
      expect(items.filter(({ owner }) => owner !== id)).toEqual([]);
      expect(items).toHaveLength(expected.get(id) ?? 0);
    }
    expect(await store.repository(item).count()).toBe(0);
  }, 240_000);
});

test.each([
  '..',
  '../a',
  '"; drop schema sorcha cascade; --',
  'a"b',
  'A',
  'a:b',
  'a~b',
  'x'.repeat(64),
  'x'.repeat(10_240),
  'аbc',
  'a\u0000',
  'ａ',
  'a ',
])('%j is no tenant: INVALID, and no schema is made', async (id) => {
  const { open, listSchemas } = await createDatabase();
  const store = await open();
  expect(() => store.tenant(id)).toThrow(expect.objectContaining({ code: 'INVALID' }));
  expect(await listSchemas()).toEqual(['sorcha']);
});

test('reading a tenant that was never written creates nothing; its first write creates its own schema', async () => {
  const { open, listSchemas } = await createDatabase();
  const store = await open();
  const items = store.tenant('one').repository(item);
  expect(await items.find({})).toEqual([]);
  expect((await items.page({ page: 1, pageSize: 1 })).total).toBe(0);
  expect(await store.tenant('one').health()).toMatchObject({ status: 'pass' });
  await expect(items.add({ id: '', owner: '' })).rejects.toMatchObject({ code: 'INVALID' });
  expect(await listSchemas()).toEqual(['sorcha']);
  await items.add({ id: 'a', owner: 'one' });
  await store.tenant('two').transaction(async (bound) => bound.repository(item).count());
  expect(await listSchemas()).toEqual(['sorcha', 'sorcha:one', 'sorcha:two']);
});

test('many stores that write to new tenants at once create each schema once', async () => {
  const { open, listSchemas } = await createDatabase({ pool: { max: 3 } });
  const stores = await Promise.all([open(), open(), open()]);
  const names = Array.from({ length: 8 }, (_, index) => `t${index}`);
  const writes = stores.flatMap((store, number) =>
    names.map(async (name) =>
      store
        .tenant(name)
        .repository(item)
        .add({ id: `${number}`, owner: name }),
    ),
  );
  await Promise.all(writes);
  const counts = names.map(async (name) => stores[0]?.tenant(name).repository(item).count());
  expect(await Promise.all(counts)).toEqual(names.map(() => 3));
  expect(await listSchemas()).toHaveLength(names.length + 1);
});

test('a tenant whose schema is removed fails once, then reads as empty and can be written again', async () => {
  const { open, raw } = await createDatabase();
  const items = (await open()).tenant('one').repository(item);
  await items.add({ id: 'a', owner: 'one' });
  await raw.query('drop schema "sorcha:one" cascade');
  await expect(items.count()).rejects.toMatchObject({ code: 'CORRUPTED' });
  expect(await items.count()).toBe(0);
  await items.add({ id: 'b', owner: 'one' });
  expect(await items.find({})).toEqual([{ id: 'b', owner: 'one', version: 1 }]);
});

test('closing one handle of a tenant waits for its calls and leaves the rows to other handles', async () => {
  const { open } = await createDatabase();
  const store: RelationalStore = await open();
  const first = store.tenant('one');
  const pending = first.repository(item).add({ id: 'a', owner: 'one' });
  await first.close();
  expect(await pending).toMatchObject({ version: 1 });
  await expect(first.repository(item).count()).rejects.toMatchObject({ code: 'CLOSED' });
  expect(await store.tenant('one').repository(item).count()).toBe(1);
});

/** Numbers from 0 to 1 that a seed determines: mulberry32. */
function createRandom(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}
