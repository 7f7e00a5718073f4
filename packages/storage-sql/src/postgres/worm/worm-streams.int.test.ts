import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { defineWorm, openWormRecord, type WormStore } from '@sorcha/storage';
import { startPostgres } from '@sorcha/test-servers';
import { afterAll, expect, onTestFinished, test } from 'vitest';
import { z } from 'zod';
import { openRawConnection } from '../../testing/open-raw-connection.ts';
import { openPostgresWormStore } from './open-postgres-worm-store.ts';

const server = await startPostgres({ onEnd: afterAll });
const definition = defineWorm({ name: 'note', schema: z.string() });

async function createDatabase() {
  const url = await server.createDatabase();
  const open = async (): Promise<WormStore<string>> => {
    const store = await openPostgresWormStore({ url, definition });
    onTestFinished(async () => store.close());
    return store;
  };
  return { url, open };
}

async function readAll(store: WormStore<string>, stream: string): Promise<string[]> {
  const texts: string[] = [];
  for await (const record of store.range(stream, 0, Number.MAX_SAFE_INTEGER)) {
    expect(record.sequence).toBe(texts.length);
    texts.push(openWormRecord(definition, record));
  }
  return texts;
}

test('a long stream lies in all partitions and is read in constant memory', async () => {
  const { url, open } = await createDatabase();
  const store = await open();
  const text = 'x'.repeat(2_000);
  const count = 60_000;
  for (let first = 0; first < count; first += 6_000) {
    await store.appendBatch(
      'long',
      first,
      Array.from({ length: 6_000 }, (_, index) => `${first + index} ${text}`),
    );
  }
  const raw = await openRawConnection(url, onTestFinished);
  const { rows } = await raw.query<{ records: number }>(
    'select count(*)::int as records from sorcha.worm_note group by tableoid',
  );
  expect(rows).toHaveLength(8);
  expect(Math.min(...rows.map(({ records }) => records))).toBeGreaterThan(count / 16);
  const collectGarbage = exposeGarbageCollection();
  collectGarbage();
  const before = process.memoryUsage().heapUsed + process.memoryUsage().arrayBuffers;
  let most = 0;
  let next = 0;
  for await (const { sequence } of store.range('long', 0, Number.MAX_SAFE_INTEGER)) {
    expect(sequence).toBe(next);
    next += 1;
    if (sequence % 2_000 === 0) {
      collectGarbage();
      most = Math.max(most, process.memoryUsage().heapUsed + process.memoryUsage().arrayBuffers - before);
    }
  }
  expect(next).toBe(count);
  const total = count * text.length;
  expect(total).toBeGreaterThan(100_000_000);
  expect(most).toBeLessThan(total / 5);
  expect(await store.verifyIntegrity('long')).toEqual({ checked: count, damaged: [], missing: [] });
  expect([await store.height('long'), await store.count('long')]).toEqual([count - 1, count]);
});

/** The collector is not there unless asked for when a process starts, but can be asked for later. */
function exposeGarbageCollection(): () => void {
  setFlagsFromString('--expose-gc');
  const collect: unknown = runInNewContext('gc');
  if (!isCollector(collect)) {
    throw new TypeError('V8 has no collector to call');
  }
  return collect;
}

function isCollector(value: unknown): value is () => void {
  return typeof value === 'function';
}

test('batches that are large in bytes are appended whole or not at all', async () => {
  const { open } = await createDatabase();
  const store = await open();
  const documents = Array.from({ length: 40 }, (_, index) => `${index}`.repeat(500_000));
  await store.appendBatch('big', 0, documents);
  expect(await readAll(store, 'big')).toEqual(documents);
  await expect(store.appendBatch('big', 39, documents)).rejects.toMatchObject({ code: 'SEQUENCE_CONFLICT' });
  expect(await store.count('big')).toBe(40);
});

test('three stores that append to one stream at once lose nothing and leave no gap', async () => {
  const { open } = await createDatabase();
  const stores = await Promise.all([open(), open(), open()]);
  const work = async (store: WormStore<string>, writer: number) => {
    for (let written = 0; written < 60; ) {
      const height = await store.height('shared');
      const outcome = await store
        .append('shared', height === undefined ? 0 : height + 1, `${writer} ${written}`)
        .then(() => 'written')
        .catch((error: unknown) => Reflect.get(Object(error), 'code') as unknown);
      expect(['written', 'SEQUENCE_CONFLICT']).toContain(outcome);
      written += Number(outcome === 'written');
    }
  };
  await Promise.all(stores.map(work));
  const texts = await readAll(await open(), 'shared');
  for (const writer of [0, 1, 2]) {
    const own = texts.filter((text) => text.startsWith(`${writer} `));
    expect(own).toEqual(Array.from({ length: 60 }, (_, index) => `${writer} ${index}`));
  }
  expect(texts).toHaveLength(180);
});

test('of many stores that append at one sequence exactly one wins', async () => {
  const { open } = await createDatabase();
  const stores = await Promise.all(Array.from({ length: 8 }, open));
  const outcomes = await Promise.allSettled(stores.map(async (store, index) => store.append('a', 0, `from ${index}`)));
  const won = outcomes.flatMap((outcome) => (outcome.status === 'fulfilled' ? [outcome.value] : []));
  expect(won).toHaveLength(1);
  const lost = outcomes.filter(({ status }) => status === 'rejected');
  expect(lost).toMatchObject(Array.from({ length: 7 }, () => ({ reason: { code: 'SEQUENCE_CONFLICT' } })));
});

test('a writer waits for the one before it in the same stream, and for none of another', async () => {
  const { url, open } = await createDatabase();
  const store = await open();
  await store.append('a', 0, 'zero');
  const raw = await openRawConnection(url, onTestFinished);
  const { rows } = await raw.query<{ key: string }>(
    `select 1 as key from pg_locks where locktype = 'advisory' and database = (select oid from pg_database where datname = current_database())`,
  );
  expect(rows).toEqual([]);
  await raw.query("begin; insert into sorcha.worm_note values ('a', 1, '', '', 0)");
  const waiting = store.append('a', 1, 'one');
  await store.append('b', 0, 'zero');
  await raw.query('rollback');
  expect(await waiting).toMatchObject({ sequence: 1 });
});
