import { once } from 'node:events';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { inspect } from 'node:util';
import { defineEntity, type RelationalStore } from '@sorcha/storage';
import { startPostgres } from '@sorcha/test-servers';
import type { Client } from 'pg';
import { afterAll, describe, expect, onTestFinished, test } from 'vitest';
import { z } from 'zod';
import { openRawConnection } from '../../testing/open-raw-connection.ts';
import {
  openPostgresRelationalStore,
  type PostgresRelationalOptions,
} from '../relational/open-postgres-relational-store.ts';

const server = await startPostgres({ onEnd: afterAll, faults: true });
const note = defineEntity({ name: 'note', schema: z.object({ id: z.string() }), key: 'id' });

async function open(url: string, options: Partial<PostgresRelationalOptions> = {}): Promise<RelationalStore> {
  const store = await openPostgresRelationalStore({ url, entities: [note], ...options });
  onTestFinished(async () => store.close());
  return store;
}

/** Holds the row `a` so that writes of it wait; returns what ends that. */
async function holdRow(url: string) {
  const raw = await openRawConnection(url, onTestFinished);
  await raw.query("begin; select from sorcha.entity_note where id = 'a' for update");
  return raw;
}

const pidsOf = `select pid from pg_stat_activity where application_name = 'sorcha' and datname = current_database()`;

describe('a connection that is lost', () => {
  test('while it is idle is replaced, and who reads does not notice', async () => {
    const url = await server.createDatabase();
    const store = await open(url);
    await store.repository(note).add({ id: 'a' });
    const raw = await openRawConnection(url, onTestFinished);
    await raw.query(`select pg_terminate_backend(pid) from (${pidsOf}) as found`);
    expect(await store.repository(note).count()).toBe(1);
    await store.repository(note).add({ id: 'b' });
  });

  test('amid a write is OUTCOME_UNKNOWN, amid a read UNAVAILABLE, in a transaction UNAVAILABLE', async () => {
    const url = await server.createDatabase();
    const store = await open(url);
    const notes = store.repository(note);
    const stored = await notes.add({ id: 'a' });
    const raw = await holdRow(url);
    const write = notes.update(stored);
    const inTransaction = store.transaction(async (bound) => bound.repository(note).update(stored));
    const outcomes = Promise.allSettled([write, inTransaction]);
    // What a transaction sees of other sessions stands still, so another connection looks.
    const observer = await openRawConnection(url, onTestFinished);
    for (let waiting = 0; waiting < 2; ) {
      const { rows } = await observer.query<{ count: number }>(
        `select count(*)::int as count from (${pidsOf} and wait_event_type = 'Lock') as found`,
      );
      waiting = rows[0]?.count ?? 0;
    }
    await raw.query(`select pg_terminate_backend(pid) from (${pidsOf}) as found`);
    expect(await outcomes).toMatchObject([
      { reason: { code: 'OUTCOME_UNKNOWN' } },
      { reason: { code: 'UNAVAILABLE' } },
    ]);
    await raw.query('rollback');
    expect(await notes.find({})).toEqual([stored]);
  });

  test('while the work of a transaction does something else is UNAVAILABLE: what was not sent is not unknown', async () => {
    const url = await server.createDatabase();
    const store = await open(url, { pool: { max: 1 } });
    const raw = await openRawConnection(url, onTestFinished);
    const interrupted = store.transaction(async (bound) => {
      await bound.repository(note).add({ id: 'a' });
      await raw.query(`select pg_terminate_backend(pid) from (${pidsOf}) as found`);
      await waitForEnd(raw);
    });
    await expect(interrupted).rejects.toMatchObject({ code: 'UNAVAILABLE' });
    expect(await store.repository(note).count()).toBe(0);
  });

  test('to its tables, which somebody changed, is replaced: the next call succeeds', async () => {
    const url = await server.createDatabase();
    const store = await open(url, { pool: { max: 1 } });
    const notes = store.repository(note);
    const stored = await notes.add({ id: 'a' });
    // From the second time on the server keeps a plan.
    await Promise.all([notes.get('a'), notes.get('a'), notes.get('a')]);
    const raw = await openRawConnection(url, onTestFinished);
    await raw.query('alter table sorcha.entity_note alter column version type integer');
    await expect(notes.get('a')).rejects.toMatchObject({ code: 'UNAVAILABLE' });
    expect(await notes.get('a')).toEqual(stored);
  });
});

/** Waits until the store has no connection any more, and has heard of it. */
async function waitForEnd(raw: Client): Promise<void> {
  while ((await raw.query(pidsOf)).rows.length > 0) {
    await nextTurn();
  }
  await nextTurn();
}

describe('a server that is gone', () => {
  test('fails calls with UNAVAILABLE, and serves them again when it is back', async () => {
    const store = await open(await server.createDatabase());
    const notes = store.repository(note);
    await notes.add({ id: 'a' });
    await server.kill();
    await expect(notes.get('a')).rejects.toMatchObject({ code: 'UNAVAILABLE' });
    await expect(notes.add({ id: 'b' })).rejects.toMatchObject({ code: 'UNAVAILABLE' });
    await expect(store.transaction(async () => 1)).rejects.toMatchObject({ code: 'UNAVAILABLE' });
    expect(await store.health()).toMatchObject({ status: 'fail' });
    await server.restart();
    expect(await notes.get('a')).toEqual({ id: 'a', version: 1 });
    expect(await store.health()).toMatchObject({ status: 'pass' });
  });

  test('frozen, it keeps no call longer than its signal or its time, and goes on afterwards', async () => {
    const store = await open(await server.createDatabase(), { statementTimeoutMs: 500 });
    const notes = store.repository(note);
    await notes.add({ id: 'a' });
    // Two connections are open, so that both calls below are sent.
    await Promise.all([notes.count(), notes.count()]);
    const other = await openPostgresRelationalStore({ url: await server.createDatabase(), entities: [note] });
    await server.pause();
    onTestFinished(async () => server.resume());
    const started = performance.now();
    const read = notes.get('a', { signal: AbortSignal.timeout(300) });
    const write = notes.add({ id: 'b' });
    const onNewConnection = notes.count({}, { signal: AbortSignal.timeout(300) });
    const outcomes = await Promise.allSettled([read, onNewConnection]);
    expect(outcomes).toMatchObject([{ reason: { code: 'TIMEOUT' } }, { reason: { code: 'TIMEOUT' } }]);
    expect(performance.now() - started).toBeLessThan(2_000);
    await expect(write).rejects.toMatchObject({ code: 'OUTCOME_UNKNOWN' });
    await other.close();
    expect(performance.now() - started).toBeLessThan(15_000);
    await server.resume();
    expect(await notes.get('a')).toEqual({ id: 'a', version: 1 });
    expect(await notes.count({ id: 'b' })).toBeLessThanOrEqual(1);
  });

  test('frozen amid transactions, it keeps none longer than its signal and the time to take it back', async () => {
    const store = await open(await server.createDatabase());
    const frozen = Promise.withResolvers<void>();
    const fire = new AbortController();
    /** Each has sent something else when the signal fires. */
    const works: readonly ((bound: RelationalStore) => Promise<unknown>)[] = [
      async (bound) => bound.repository(note).addMany([{ id: 'in a savepoint' }]),
      async (bound) => bound.transaction(async () => 1),
      async () => 'commit',
      async () => once(fire.signal, 'abort'),
    ];
    const started = works.map(() => Promise.withResolvers<void>());
    const outcomes = Promise.allSettled(
      works.map(async (work, index) =>
        store.transaction(async (bound) => {
          await bound.repository(note).add({ id: `${index}` });
          started[index]?.resolve();
          await frozen.promise;
          return work(bound);
        }, fire),
      ),
    );
    await Promise.all(started.map(async ({ promise }) => promise));
    await server.pause();
    onTestFinished(async () => server.resume());
    frozen.resolve();
    await nextTurn();
    const fired = performance.now();
    fire.abort();
    expect(await outcomes).toMatchObject(
      ['TIMEOUT', 'TIMEOUT', 'OUTCOME_UNKNOWN', 'TIMEOUT'].map((code) => ({ reason: { code } })),
    );
    expect(performance.now() - fired).toBeLessThan(4_000);
    await server.resume();
    expect(await store.repository(note).count()).toBeLessThanOrEqual(1);
  });
});

describe('what cannot be connected to is UNAVAILABLE, and the error shows no password', () => {
  const expectUnavailable = async (url: string, word: RegExp) => {
    const opened = openPostgresRelationalStore({ url, entities: [note], pool: { connectTimeoutMs: 2_000 } });
    const error: unknown = await opened.then(() => undefined).catch((reason: unknown) => reason);
    expect(error).toMatchObject({ code: 'UNAVAILABLE', message: expect.stringMatching(word) as unknown });
    expect(inspect(error, { depth: 20, showHidden: true })).not.toMatch(/secret-of-the-test|server-password/u);
  };
  const urlWith = (change: (url: URL) => void) => {
    const url = new URL(server.url);
    change(url);
    return url.href;
  };

  test('nobody listens', async () => {
    await expectUnavailable('postgres://u:secret-of-the-test@127.0.0.1:1/d', /d at 127\.0\.0\.1:1/u);
  });

  test('there is no such host', async () => {
    await expectUnavailable('postgres://u:secret-of-the-test@nowhere.invalid/d', /nowhere\.invalid/u);
  });

  test('the password is wrong', async () => {
    await expectUnavailable(
      urlWith((url) => {
        url.password = 'secret-of-the-test';
      }),
      /user, password/u,
    );
  });

  test('there is no password', async () => {
    await expectUnavailable(
      urlWith((url) => {
        url.password = '';
      }),
      /password/u,
    );
  });

  test('there is no such database', async () => {
    await expectUnavailable(
      urlWith((url) => {
        url.pathname = '/nowhere';
      }),
      /nowhere.*does not exist/u,
    );
  });

  test('the server speaks no TLS', async () => {
    await expectUnavailable(
      urlWith((url) => {
        url.search = '?sslmode=require';
      }),
      /SSL/u,
    );
  });
});

test('a user without the right to create is UNAVAILABLE with the name of the right', async () => {
  const url = await server.createDatabase();
  const raw = await openRawConnection(url, onTestFinished);
  await raw.query("create role nobody_special login password 'x'");
  const own = new URL(url);
  own.username = 'nobody_special';
  own.password = 'x';
  await expect(open(own.href)).rejects.toMatchObject({
    code: 'UNAVAILABLE',
    message: expect.stringMatching(/permission denied/u) as unknown,
  });
});

test('what a table was prepared for is used with no more than rights to read and write', async () => {
  const url = await server.createDatabase();
  await (await open(url)).repository(note).add({ id: 'a' });
  const raw = await openRawConnection(url, onTestFinished);
  await raw.query("create role only_data login password 'x'");
  await raw.query('grant usage on schema sorcha to only_data');
  await raw.query('grant select, insert, update, delete on all tables in schema sorcha to only_data');
  const own = new URL(url);
  own.username = 'only_data';
  own.password = 'x';
  const store = await open(own.href);
  expect(await store.repository(note).add({ id: 'b' })).toMatchObject({ version: 1 });
  expect(await store.health()).toMatchObject({ status: 'pass' });
});

test('a database of another encoding is INCOMPATIBLE_SERVER', async () => {
  const raw = await openRawConnection(server.url, onTestFinished);
  await raw.query("create database old_letters encoding 'LATIN1' locale 'C' locale_provider libc template template0");
  const url = new URL(server.url);
  url.pathname = '/old_letters';
  await expect(open(url.href)).rejects.toMatchObject({ code: 'INCOMPATIBLE_SERVER' });
});
