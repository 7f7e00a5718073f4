import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { defineWorm, openWormRecord, type WormStore } from '@sorcha/storage';
import { createTemporaryFolder } from '@sorcha/storage/testing';
import { expect, onTestFinished, test } from 'vitest';
import { z } from 'zod';
import { openSqliteWormStore } from './open-sqlite-worm-store.ts';

const definition = defineWorm({ name: 'note', schema: z.string() });
const program = fileURLToPath(new URL('../../testing/append-from-process.ts', import.meta.url));

/** A fresh file and what opens stores on it, which are closed at the end of the test. */
async function createFile(busyTimeoutMs = 5_000): Promise<{ file: string; open: () => Promise<WormStore<string>> }> {
  const file = join(await createTemporaryFolder(onTestFinished), 'worm.sqlite');
  const open = async () => {
    const store = await openSqliteWormStore({ file, definition, busyTimeoutMs });
    onTestFinished(async () => store.close());
    return store;
  };
  return { file, open };
}

async function readAll(store: WormStore<string>, stream: string): Promise<string[]> {
  const texts: string[] = [];
  for await (const record of store.range(stream, 0, Number.MAX_SAFE_INTEGER)) {
    expect(record.sequence).toBe(texts.length);
    texts.push(openWormRecord(definition, record));
  }
  return texts;
}

test('three processes that create one file and append at once lose nothing and leave no gap', async () => {
  const file = join(await createTemporaryFolder(onTestFinished), 'worm.sqlite');
  const count = 60;
  const writers = ['a', 'b', 'c'];
  const run = async (writer: string) =>
    promisify(execFile)(process.execPath, ['--conditions=sorcha-source', program, file, writer, String(count)]);
  await Promise.all(writers.map(run));
  const store = await openSqliteWormStore({ file, definition, readOnly: true });
  const texts = await readAll(store, 'shared');
  for (const writer of writers) {
    const own = texts.filter((text) => text.startsWith(writer));
    expect(own).toEqual(Array.from({ length: count }, (_, index) => `${writer} ${index}`));
  }
  expect(texts).toHaveLength(count * writers.length);
  expect(await store.verifyIntegrity('shared')).toMatchObject({ damaged: [], missing: [] });
  await store.close();
});

test('of many stores that append at one sequence exactly one wins', async () => {
  const { open } = await createFile();
  const stores = await Promise.all(Array.from({ length: 8 }, open));
  const outcomes = await Promise.allSettled(stores.map(async (store, index) => store.append('a', 0, `from ${index}`)));
  const won = outcomes.flatMap((outcome) => (outcome.status === 'fulfilled' ? [outcome.value] : []));
  const lost = outcomes.filter(({ status }) => status === 'rejected');
  expect(won).toHaveLength(1);
  expect(lost).toMatchObject(Array.from({ length: 7 }, () => ({ reason: { code: 'SEQUENCE_CONFLICT' } })));
  expect(await stores[3]?.get('a', 0)).toEqual(won[0]);
});

test('a batch that meets a taken sequence leaves nothing', async () => {
  const { open } = await createFile();
  const [one, two] = [await open(), await open()];
  await one.append('a', 0, 'zero');
  const batch = Array.from({ length: 250 }, (_, index) => `${index}`);
  await expect(two.appendBatch('a', 0, batch)).rejects.toMatchObject({ code: 'SEQUENCE_CONFLICT' });
  expect(await readAll(one, 'a')).toEqual(['zero']);
});

test('a lock that another process keeps ends in UNAVAILABLE after the timeout, while the event loop runs on', async () => {
  const { file, open } = await createFile(300);
  const store = await open();
  await store.append('a', 0, 'zero');
  const other = new DatabaseSync(file);
  other.exec('begin immediate');
  let longestMs = 0;
  let last = performance.now();
  const over = new AbortController();
  const watch = (async () => {
    while (!over.signal.aborted) {
      await nextTurn();
      longestMs = Math.max(longestMs, performance.now() - last);
      last = performance.now();
    }
  })();
  const started = performance.now();
  await expect(store.append('a', 1, 'one')).rejects.toMatchObject({ code: 'UNAVAILABLE' });
  const waitedMs = performance.now() - started;
  over.abort();
  await watch;
  expect(waitedMs).toBeGreaterThanOrEqual(300);
  expect(longestMs).toBeLessThan(200);
  expect(await readAll(store, 'a')).toEqual(['zero']);
  other.exec('rollback');
  other.close();
  expect(await store.append('a', 1, 'one')).toMatchObject({ sequence: 1 });
});

test('a signal ends the wait for a lock, and for the turn to write, with TIMEOUT and without an effect', async () => {
  const { file, open } = await createFile();
  const store = await open();
  const other = new DatabaseSync(file);
  other.exec('begin immediate');
  const controller = new AbortController();
  const waitingForLock = store.append('a', 0, 'zero', { signal: controller.signal });
  const waitingForTurn = store.append('b', 0, 'zero', { signal: controller.signal });
  const both = Promise.allSettled([waitingForLock, waitingForTurn]);
  await nextTurn();
  controller.abort();
  expect(await both).toMatchObject([{ reason: { code: 'TIMEOUT' } }, { reason: { code: 'TIMEOUT' } }]);
  other.exec('rollback');
  other.close();
  await store.append('c', 0, 'zero');
  expect(await store.streams()).toEqual(['c']);
});

test('what was called before close is finished, what comes later fails with CLOSED', async () => {
  const { file, open } = await createFile();
  const store = await open();
  const pending = store.append('a', 0, 'zero');
  const closing = store.close();
  await expect(store.append('a', 1, 'one')).rejects.toMatchObject({ code: 'CLOSED' });
  await expect(store.get('a', 0)).rejects.toMatchObject({ code: 'CLOSED' });
  await expect(readAll(store, 'a')).rejects.toMatchObject({ code: 'CLOSED' });
  await expect(store.streams()).rejects.toMatchObject({ code: 'CLOSED' });
  expect(await store.health()).toMatchObject({ status: 'fail' });
  expect(await pending).toMatchObject({ sequence: 0 });
  await closing;
  await store.close();
  const again = await openSqliteWormStore({ file, definition });
  expect(await readAll(again, 'a')).toEqual(['zero']);
  await again.close();
});
