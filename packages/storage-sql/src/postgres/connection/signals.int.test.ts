import { setTimeout as wait } from 'node:timers/promises';
import { defineEntity } from '@sorcha/storage';
import { startPostgres } from '@sorcha/test-servers';
import { afterAll, describe, expect, onTestFinished, test } from 'vitest';
import { z } from 'zod';
import { openRawConnection } from '../../testing/open-raw-connection.ts';
import {
  openPostgresRelationalStore,
  type PostgresRelationalOptions,
} from '../relational/open-postgres-relational-store.ts';
import { openPostgresDatabase, toStatement } from './postgres-database.ts';

const server = await startPostgres({ onEnd: afterAll });
const note = defineEntity({ name: 'note', schema: z.object({ id: z.string(), text: z.string() }), key: 'id' });

/** A store with the note `a`, and a connection past it. */
async function openFilled(options: Partial<PostgresRelationalOptions> = {}) {
  const url = await server.createDatabase();
  const store = await openPostgresRelationalStore({ url, entities: [note], ...options });
  onTestFinished(async () => store.close());
  const notes = store.repository(note);
  const stored = await notes.add({ id: 'a', text: 'first' });
  const raw = await openRawConnection(url, onTestFinished);
  // What a transaction sees of other sessions stands still, so another connection looks.
  const observer = await openRawConnection(url, onTestFinished);
  const waitForWaiting = async (count: number) =>
    waitUntil(async () => (await observer.query<{ waiting: number }>(WAITING)).rows[0]?.waiting === count);
  return { url, store, notes, stored, raw, waitForWaiting };
}

/** How many statements of the store wait for a lock. */
const WAITING = `select count(*)::int as waiting from pg_stat_activity
  where application_name = 'sorcha' and wait_event_type = 'Lock' and datname = current_database()`;

async function waitUntil(isSo: () => Promise<boolean>): Promise<void> {
  const deadline = performance.now() + 20_000;
  while (!(await isSo())) {
    expect(performance.now()).toBeLessThan(deadline);
    await wait(5);
  }
}

describe('a signal that fires has the server end the statement', () => {
  test('a read ends at once, and so does its work on the server', async () => {
    const { notes, raw, waitForWaiting } = await openFilled();
    await raw.query('begin; lock table sorcha.entity_note in access exclusive mode');
    const abort = new AbortController();
    const reads = [notes.get('a', abort), notes.find({ text: 'x' }, abort), notes.count({}, abort)];
    const outcomes = Promise.allSettled(reads);
    await waitForWaiting(3);
    const fired = performance.now();
    abort.abort();
    expect(await outcomes).toMatchObject(reads.map(() => ({ reason: { code: 'TIMEOUT' } })));
    expect(performance.now() - fired).toBeLessThan(500);
    await waitForWaiting(0);
    await raw.query('rollback');
    expect(await notes.get('a')).toMatchObject({ text: 'first' });
  });

  test('a write that waits is taken back: TIMEOUT, and nothing changes when the lock is gone', async () => {
    const { notes, stored, raw, waitForWaiting } = await openFilled();
    await raw.query("begin; select from sorcha.entity_note where id = 'a' for update");
    const abort = new AbortController();
    const outcome = Promise.allSettled([notes.update({ ...stored, text: 'second' }, abort)]);
    await waitForWaiting(1);
    abort.abort();
    expect(await outcome).toMatchObject([{ reason: { code: 'TIMEOUT' } }]);
    await raw.query('rollback');
    expect(await notes.find({})).toEqual([stored]);
  });

  test('a write that had taken effect by then is no failure', async () => {
    const { notes, stored } = await openFilled();
    const abort = new AbortController();
    const updated = await notes.update({ ...stored, text: 'second' }, abort);
    abort.abort();
    expect(await notes.get('a')).toEqual(updated);
  });

  test('a statement of a transaction that waits ends the transaction, of which nothing remains', async () => {
    const { store, notes, stored, raw, waitForWaiting } = await openFilled();
    await raw.query("begin; select from sorcha.entity_note where id = 'a' for update");
    const abort = new AbortController();
    const running = store.transaction(async (bound) => {
      await bound.repository(note).add({ id: 'b', text: 'x' });
      await bound.repository(note).update({ ...stored, text: 'second' });
    }, abort);
    const outcome = Promise.allSettled([running]);
    await waitForWaiting(1);
    abort.abort();
    expect(await outcome).toMatchObject([{ reason: { code: 'TIMEOUT' } }]);
    await raw.query('rollback');
    expect(await notes.find({})).toEqual([stored]);
  });

  test('the next calls find connections that work, and as many as before', async () => {
    const { notes, raw } = await openFilled({ pool: { max: 2 } });
    await raw.query('begin; lock table sorcha.entity_note in access exclusive mode');
    for (let round = 0; round < 10; round += 1) {
      const abort = new AbortController();
      const outcome = Promise.allSettled([notes.get('a', abort), notes.get('a', abort)]);
      setImmediate(() => abort.abort());
      expect(await outcome).toMatchObject([{ reason: { code: 'TIMEOUT' } }, { reason: { code: 'TIMEOUT' } }]);
    }
    await raw.query('rollback');
    expect(await Promise.all(Array.from({ length: 20 }, async () => notes.count()))).toEqual(Array(20).fill(1));
  });
});

test('a statement that runs longer than it may ends with TIMEOUT and has no effect', async () => {
  const { notes, stored, raw } = await openFilled({ statementTimeoutMs: 200 });
  await raw.query("begin; select from sorcha.entity_note where id = 'a' for update");
  await expect(notes.update({ ...stored, text: 'second' })).rejects.toMatchObject({ code: 'TIMEOUT' });
  await raw.query('rollback');
  expect(await notes.find({})).toEqual([stored]);
});

describe('when all connections are in use', () => {
  test('a call waits for its turn, and fails with TIMEOUT when none comes', async () => {
    const { store, notes } = await openFilled({ pool: { max: 1, acquireTimeoutMs: 2_000 } });
    const [started, hold] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
    const running = store.transaction(async () => {
      started.resolve();
      await hold.promise;
    });
    await started.promise;
    await expect(notes.get('a')).rejects.toMatchObject({
      code: 'TIMEOUT',
      message: expect.stringContaining('pool.max') as unknown,
    });
    hold.resolve();
    await running;
    expect(await notes.count()).toBe(1);
  });

  test('with a pool of one, the work of a transaction that asks for a second connection ends in TIMEOUT, not in a hang', async () => {
    const { store, notes } = await openFilled({ pool: { max: 1, acquireTimeoutMs: 2_000 } });
    await store.transaction(async (bound) => {
      await expect(store.tenant('one').repository(note).count()).rejects.toMatchObject({ code: 'TIMEOUT' });
      await expect(notes.get('a')).rejects.toMatchObject({ code: 'INVALID' });
      expect(await bound.repository(note).count()).toBe(1);
    });
  });
});

test('settings of the server and the user do not change what statements mean', async () => {
  const { url, raw } = await openFilled();
  const { rows } = await raw.query<{ name: string }>('select current_database() as name');
  for (const setting of [
    "timezone = 'Pacific/Apia'",
    "datestyle = 'German, DMY'",
    "bytea_output = 'escape'",
    'extra_float_digits = -15',
    "default_transaction_isolation = 'serializable'",
    'synchronous_commit = off',
    "search_path = 'nowhere'",
  ]) {
    await raw.query(`alter database "${rows[0]?.name}" set ${setting}`);
  }
  const reading = defineEntity({
    name: 'reading',
    schema: z.object({ id: z.int(), at: z.date(), value: z.number(), nested: z.unknown() }),
    key: 'id',
  });
  const store = await openPostgresRelationalStore({ url, entities: [reading] });
  onTestFinished(async () => store.close());
  const values = { id: 1, at: new Date('2026-07-01T12:00:00.123Z'), value: 0.1 + 0.2, nested: { x: [1 / 3] } };
  await store.repository(reading).add(values);
  expect(await store.repository(reading).find({ at: { $gte: values.at } })).toEqual([{ ...values, version: 1 }]);
  const database = await openPostgresDatabase({ url });
  onTestFinished(async () => database.close());
  const level = await database.use(async (connection) =>
    connection.run(toStatement("select current_setting('synchronous_commit') as level")),
  );
  expect(level.rows).toEqual([{ level: 'on' }]);
});
