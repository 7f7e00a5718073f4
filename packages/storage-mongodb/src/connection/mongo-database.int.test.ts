import { setTimeout as delay } from 'node:timers/promises';
import { defineDocument, defineWorm } from '@sorcha/storage';
import { startMongo } from '@sorcha/test-servers';
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import { z } from 'zod';
import { openMongoDocumentStore } from '../documents/open-mongo-document-store.ts';
import { openMongoWormStore } from '../worm/open-mongo-worm-store.ts';
import { connectMongoDatabase, type MongoDatabase } from './mongo-database.ts';

const ends: (() => Promise<void>)[] = [];
let url: string;
beforeAll(async () => {
  const server = await startMongo({ onEnd: (end) => ends.push(end) });
  url = await server.createDatabase();
});
afterAll(async () => {
  for (const end of ends) {
    await end();
  }
});

async function connect(timeoutMs: number): Promise<MongoDatabase> {
  const database = await connectMongoDatabase({ url, timeoutMs });
  onTestFinished(async () => database.close());
  return database;
}

describe('the commands of one call', () => {
  test('have one deadline together', async () => {
    const database = await connect(500);
    const started = performance.now();
    const call = database.runCall(undefined, async (end) => {
      await database.read(async () => delay(400), end);
      await database.write(async () => delay(400), end);
    });
    await expect(call).rejects.toMatchObject({ code: 'OUTCOME_UNKNOWN' });
    expect(performance.now() - started).toBeLessThan(750);
  });

  test('are not begun after it, so that nothing is unknown', async () => {
    const database = await connect(1_000);
    let begun = 0;
    const call = database.runCall(undefined, async (end) => {
      await delay(1_010);
      await database.write(async () => {
        begun += 1;
      }, end);
    });
    await expect(call).rejects.toMatchObject({ code: 'TIMEOUT' });
    expect(begun).toBe(0);
  });

  test('are not begun after the signal has fired, so that nothing is unknown', async () => {
    const database = await connect(5_000);
    const abort = new AbortController();
    let begun = 0;
    const call = database.runCall({ signal: abort.signal }, async (end) => {
      abort.abort();
      await database.write(async () => {
        begun += 1;
      }, end);
    });
    await expect(call).rejects.toMatchObject({ code: 'TIMEOUT' });
    expect(begun).toBe(0);
  });
});

describe('close waits for the calls that were made', () => {
  test('to documents, however many commands they take', async () => {
    const definition = defineDocument({ name: 'note', schema: z.object({ id: z.string() }), key: 'id' });
    const store = await openMongoDocumentStore({ url, definition });
    onTestFinished(async () => store.close());
    const upserted = store.upsert({ id: 'a' });
    const replaced = store.replace({ id: 'none', version: 1 }).catch((error: unknown) => error);
    await store.close();
    expect(await upserted).toEqual({ id: 'a', version: 1 });
    expect(await replaced).toMatchObject({ code: 'NOT_FOUND' });
    await expect(store.upsert({ id: 'b' })).rejects.toMatchObject({ code: 'CLOSED' });
    expect(await store.health()).toMatchObject({
      status: 'fail',
      detail: expect.stringContaining('closed') as unknown,
    });
  });

  test('to records', async () => {
    const store = await openMongoWormStore({ url, definition: defineWorm({ name: 'event', schema: z.object({}) }) });
    onTestFinished(async () => store.close());
    const appended = store.append('a', 0, {});
    await store.close();
    expect(await appended).toMatchObject({ sequence: 0 });
    await expect(store.height('a')).rejects.toMatchObject({ code: 'CLOSED' });
  });
});
