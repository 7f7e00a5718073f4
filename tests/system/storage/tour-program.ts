/**
 * A program for tests: makes the same calls on all four ports, whatever the configuration names, and prints the answers as JSON.
 * `write` starts with nothing and writes; `read` reads what an earlier `write` left; `write-and-read` does both.
 *
 * Arguments: what to do, the configuration file. The environment overrides the file.
 */
import { createStorageSchema, loadConfig, openStorage } from '@sorcha/service-kit';
import { defineDocument, defineEntity, defineWorm, openWormRecord, StorageError } from '@sorcha/storage';
import { z } from 'zod';

const account = defineEntity({
  name: 'account',
  schema: z.object({ id: z.string(), owner: z.string(), amount: z.int(), opened: z.date() }),
  key: 'id',
  unique: [['owner']],
});
const order = defineDocument({
  name: 'order',
  schema: z.object({
    id: z.string(),
    lines: z.array(z.object({ item: z.string(), count: z.number() })),
    address: z.object({ city: z.string() }).optional(),
  }),
  key: 'id',
  indexes: ['address.city'],
});
const reading = defineWorm({ name: 'reading', schema: z.object({ celsius: z.number() }) });

const [action = '', file = ''] = process.argv.slice(2);
const { storage } = await loadConfig(z.strictObject({ storage: createStorageSchema().prefault({}) }), { file });
const { stores, health, close } = await openStorage(storage, (open) => ({
  cache: open.cache(),
  rows: open.relational([account]),
  orders: open.documents(order),
  readings: open.worm(reading),
}));
const { cache, rows, orders, readings } = stores;
const accounts = rows.repository(account);

/** An answer, or the code with which it was refused. */
async function orCode<T>(answer: Promise<T>): Promise<T | string | undefined> {
  return answer.catch((error: unknown) => (error instanceof StorageError ? error.code : String(error)));
}

async function writeRows() {
  const opened = new Date('2026-01-01T00:00:00.123Z');
  const ann = await accounts.add({ id: 'a', owner: 'Ann', amount: 100, opened });
  await accounts.addMany(['Bob', 'Ünal', '😀'].map((owner, n) => ({ id: `b${n}`, owner, amount: n * 10, opened })));
  const moved = await rows.transaction(async (inside) => {
    const ours = inside.repository(account);
    await ours.update({ ...ann, amount: 60 });
    const bob = await ours.get('b0');
    return bob === undefined ? undefined : ours.update({ ...bob, amount: bob.amount + 40 });
  });
  const takenBack = await orCode(
    rows.transaction(async (inside) => {
      await inside.repository(account).delete('b0');
      throw new StorageError('INVALID', 'Changed my mind.');
    }),
  );
  await rows.tenant('acme').repository(account).add({ id: 'a', owner: 'Wile', amount: 1, opened });
  return {
    moved,
    takenBack,
    stale: await orCode(accounts.update({ ...ann, amount: 1 })),
    taken: await orCode(accounts.add({ id: 'x', owner: 'Ann', amount: 0, opened })),
  };
}

async function writeOrders() {
  const lines = [
    { item: 'tea', count: 2 },
    { item: 'cup', count: 0.5 },
  ];
  const first = await orders.insert({ id: 'one', lines, address: { city: 'Århus' } });
  await orders.insertMany([
    { id: 'two', lines: lines.slice(1) },
    { id: 'three', lines: [], address: { city: 'Bonn' } },
  ]);
  return {
    replaced: await orders.replace({ ...first, lines: lines.slice(0, 1) }),
    stale: await orCode(orders.replace({ ...first, lines: [] })),
    upserted: await orders.upsert({ id: 'four', lines, address: { city: 'Bonn' } }),
    deleted: await orders.delete('three'),
    taken: await orCode(orders.insert({ id: 'one', lines })),
  };
}

async function writeReadings() {
  await readings.append('sensor', 0, { celsius: 20 });
  await readings.appendBatch('sensor', 1, [{ celsius: 20.5 }, { celsius: -0.25 }]);
  return {
    gap: await orCode(readings.append('sensor', 9, { celsius: 1 })),
    again: await orCode(readings.append('sensor', 0, { celsius: 1 })),
  };
}

async function writeCache() {
  await cache.set('kept', { text: 'ü', list: [1, null] }, { ttlMs: 600_000 });
  await cache.set('short', 'gone soon', { ttlMs: 1_000 });
  await cache.set('removed:1', 1);
  return {
    counted: [await cache.increment('visits'), await cache.increment('visits', { by: 41 })],
    made: [await cache.getOrSet('made', () => 'once'), await cache.getOrSet('made', () => 'twice')],
    removed: await cache.removeByPattern('removed:*'),
    absent: (await cache.get('absent')) === undefined,
    found: await cache.get('kept'),
    refused: await orCode(cache.increment('kept')),
  };
}

async function readAll() {
  const records = await Array.fromAsync(readings.range('sensor', 0, 9));
  return {
    accounts: await accounts.find({ amount: { $gte: 10 } }, { orderBy: [{ path: 'owner', direction: 'desc' }] }),
    page: (await accounts.page({ filter: { owner: { $startsWith: 'B' } }, page: 1, pageSize: 2 })).items,
    ofTenant: await rows.tenant('acme').repository(account).find({}),
    orders: await orders.find({ lines: { $elemMatch: { item: 'tea', count: { $gt: 1 } } } }),
    inBonn: await orders.find({ 'address.city': 'Bonn' }),
    count: await orders.count({ address: { $exists: false } }),
    readings: records.map((record) => [record.sequence, openWormRecord(reading, record)]),
    integrity: await readings.verifyIntegrity('sensor'),
    cold: (await readings.find('sensor', { celsius: { $lt: 0 } })).map(({ sequence }) => sequence),
  };
}

const written = action.startsWith('write')
  ? { rows: await writeRows(), orders: await writeOrders(), readings: await writeReadings(), cache: await writeCache() }
  : undefined;
const read = action.endsWith('read') ? await readAll() : undefined;
const { status } = await health();
const providers = Object.values(stores).map(({ provider }) => provider);
process.stdout.write(JSON.stringify({ written, read, status, providers }));
await close();
