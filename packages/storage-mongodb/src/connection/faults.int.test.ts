import { defineDocument, defineWorm, StorageError } from '@sorcha/storage';
import { startMongo } from '@sorcha/test-servers';
import { describe, expect, onTestFinished, test } from 'vitest';
import { z } from 'zod';
import { openMongoDocumentStore } from '../documents/open-mongo-document-store.ts';
import { openMongoWormStore } from '../worm/open-mongo-worm-store.ts';

const note = defineDocument({
  name: 'note',
  schema: z.looseObject({ id: z.string(), batch: z.int() }),
  key: 'id',
  indexes: ['batch'],
});
const event = defineWorm({ name: 'event', schema: z.object({ batch: z.int() }) });

const BATCH = 20;
const NO_FAILURE = 'undefined';

async function startFaulty() {
  const server = await startMongo({ onEnd: onTestFinished, faults: true });
  const url = await server.createDatabase('faults');
  const documents = await openMongoDocumentStore({ url, definition: note, connectTimeoutMs: 1_000, timeoutMs: 2_000 });
  onTestFinished(async () => documents.close());
  const records = await openMongoWormStore({ url, definition: event, connectTimeoutMs: 1_000, timeoutMs: 2_000 });
  onTestFinished(async () => records.close());
  return { server, url, documents, records };
}

/** The code with which a call fails, and how long it took. */
async function failureOf(call: Promise<unknown>): Promise<{ code: string; ms: number }> {
  const started = performance.now();
  const error = await call.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  return { code: error instanceof StorageError ? error.code : String(error), ms: performance.now() - started };
}

/** Calls again until it works, as a service does. */
async function untilWorks<T>(call: () => Promise<T>): Promise<T> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await call();
    } catch (error) {
      if (attempt === 20) {
        throw error;
      }
    }
  }
}

const CYCLES = 4;

describe('a server that is killed while batches are written', () => {
  test(`has what it acknowledged and no half batch, ${CYCLES} times`, async () => {
    const { server, documents, records } = await startFaulty();
    const batches = { last: 0 };
    const acknowledged = new Set<number>();
    const outcomes = new Set<string>();
    for (let cycle = 0; cycle < CYCLES; cycle += 1) {
      /** Writes until it fails; returns the code. */
      const write = async (): Promise<string> => {
        batches.last += 1;
        const batch = batches.last;
        const items = Array.from({ length: BATCH }, (_, index) => ({ id: `${batch}-${index}`, batch }));
        const { code } = await failureOf(documents.insertMany(items));
        if (code !== NO_FAILURE) {
          return code;
        }
        acknowledged.add(batch);
        return write();
      };
      /** Appends until it fails; returns the height that was acknowledged. */
      const append = async (height: number): Promise<number> => {
        const items = Array.from({ length: BATCH }, () => ({ batch: height }));
        const { code } = await failureOf(records.appendBatch('a', height + 1, items));
        outcomes.add(code);
        return code === NO_FAILURE ? append(height + BATCH) : height;
      };
      const writing = Promise.all([append((await records.height('a')) ?? -1), write(), write()]);
      for (let wait = 0; wait < 5; wait += 1) {
        await documents.health();
      }
      await server.kill();
      const [height, ...codes] = await writing;
      outcomes.add(codes[0]).add(codes[1]);
      await server.restart();
      const found = await untilWorks(async () => documents.find({}));
      const sizes = Map.groupBy(found, ({ batch }) => batch);
      expect([...sizes.values()].map(({ length }) => length).filter((length) => length !== BATCH)).toEqual([]);
      expect([...acknowledged].filter((batch) => !sizes.has(batch))).toEqual([]);
      const { checked, ...damage } = await records.verifyIntegrity('a');
      expect(damage).toEqual({ damaged: [], missing: [] });
      expect(checked % BATCH).toBe(0);
      expect(checked).toBeGreaterThanOrEqual(height + 1);
    }
    expect(acknowledged.size).toBeGreaterThan(CYCLES);
    outcomes.delete(NO_FAILURE);
    expect([...outcomes].filter((code) => !['OUTCOME_UNKNOWN', 'UNAVAILABLE', 'TIMEOUT'].includes(code))).toEqual([]);
    expect(outcomes.size).toBeGreaterThan(0);
  });
});

describe('a server that does not answer', () => {
  test('holds no call past its time, and is used again once it answers', async () => {
    const { server, documents, records } = await startFaulty();
    await documents.insert({ id: 'a', batch: 0 });
    await server.pause();
    const failures = await Promise.all([
      failureOf(documents.get('a')),
      failureOf(documents.find({ batch: 0 })),
      failureOf(documents.count()),
      failureOf(documents.insert({ id: 'b', batch: 0 })),
      failureOf(documents.insertMany([{ id: 'c', batch: 0 }])),
      failureOf(documents.deleteMany({})),
      failureOf(records.get('a', 0)),
      failureOf(records.append('a', 0, { batch: 0 })),
    ]);
    for (const { code, ms } of failures) {
      expect(['TIMEOUT', 'UNAVAILABLE', 'OUTCOME_UNKNOWN']).toContain(code);
      expect(ms).toBeLessThan(4_000);
    }
    const reads = failures.filter((_, index) => [0, 1, 2, 6].includes(index)).map(({ code }) => code);
    expect(reads).not.toContain('OUTCOME_UNKNOWN');
    // What was never committed took no effect.
    expect(['TIMEOUT', 'UNAVAILABLE']).toContain(failures[4]?.code);
    expect(['TIMEOUT', 'UNAVAILABLE']).toContain(failures[5]?.code);
    const { status, latencyMs } = await documents.health();
    expect(status).toBe('fail');
    expect(latencyMs).toBeLessThan(4_000);
    await server.resume();
    expect(await untilWorks(async () => documents.get('a'))).toEqual({ id: 'a', batch: 0, version: 1 });
    await untilWorks(async () => documents.upsert({ id: 'a', batch: 1 }));
  });

  test('ends a call when its signal fires', async () => {
    const { server, documents } = await startFaulty();
    await server.pause();
    const abort = new AbortController();
    const calls = [
      failureOf(documents.get('a', { signal: abort.signal })),
      failureOf(documents.insert({ id: 'b', batch: 0 }, { signal: abort.signal })),
      failureOf(documents.insertMany([{ id: 'c', batch: 0 }], { signal: abort.signal })),
    ];
    abort.abort();
    const [read, write, batch] = await Promise.all(calls);
    expect(read).toMatchObject({ code: 'TIMEOUT' });
    expect(write).toMatchObject({ code: 'OUTCOME_UNKNOWN' });
    expect(batch).toMatchObject({ code: 'TIMEOUT' });
    expect(Math.max(read?.ms ?? 0, write?.ms ?? 0, batch?.ms ?? 0)).toBeLessThan(1_000);
    await server.resume();
  });
});

test('a server that is gone: what cannot be sent is UNAVAILABLE, and nothing is written; then all goes on', async () => {
  const { server, documents, records } = await startFaulty();
  await server.stop();
  // The driver notices with the first call.
  await failureOf(documents.get('a'));
  await failureOf(records.get('a', 0));
  const calls = [
    documents.get('a'),
    documents.insert({ id: 'a', batch: 0 }),
    documents.upsert({ id: 'a', batch: 0 }),
    documents.insertMany([{ id: 'a', batch: 0 }]),
    documents.delete('a'),
    records.appendBatch('a', 0, [{ batch: 0 }, { batch: 1 }]),
  ];
  for (const { code, ms } of await Promise.all(calls.map(failureOf))) {
    expect(code).toBe('UNAVAILABLE');
    expect(ms).toBeLessThan(4_000);
  }
  await server.restart();
  expect(await untilWorks(async () => documents.count())).toBe(0);
  await untilWorks(async () => documents.insert({ id: 'a', batch: 0 }));
  await untilWorks(async () => records.append('a', 0, { batch: 0 }));
});

test('close waits for the calls that were made, and later ones are CLOSED', async () => {
  const { documents } = await startFaulty();
  const inserted = documents.insert({ id: 'a', batch: 0 });
  await documents.close();
  expect(await inserted).toMatchObject({ version: 1 });
  expect(await failureOf(documents.get('a'))).toMatchObject({ code: 'CLOSED' });
});
