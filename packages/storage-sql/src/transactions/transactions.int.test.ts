import { join } from 'node:path';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { defineEntity, type RelationalStore } from '@sorcha/storage';
import { createTemporaryFolder } from '@sorcha/storage/testing';
import { startPostgres } from '@sorcha/test-servers';
import { afterAll, describe, expect, onTestFinished, test } from 'vitest';
import { z } from 'zod';
import { openPostgresRelationalStore } from '../postgres/relational/open-postgres-relational-store.ts';
import { openSqliteRelationalStore } from '../sqlite/relational/open-sqlite-relational-store.ts';

const server = await startPostgres({ onEnd: afterAll });
const user = defineEntity({
  name: 'user',
  schema: z.object({ id: z.string(), email: z.string().optional() }),
  key: 'id',
  unique: [['email']],
});

/** Creates a database and returns what opens it. */
const databases: readonly (readonly [string, () => Promise<() => Promise<RelationalStore>>])[] = [
  [
    'sqlite',
    async () => {
      const file = join(await createTemporaryFolder(onTestFinished), 'warm.sqlite');
      return async () => openSqliteRelationalStore({ file, entities: [user] });
    },
  ],
  [
    'postgres',
    async () => {
      const url = await server.createDatabase();
      return async () => openPostgresRelationalStore({ url, entities: [user], pool: { max: 2 } });
    },
  ],
];

const idsIn = async (store: RelationalStore) => (await store.repository(user).find({})).map(({ id }) => id);

describe.each(databases)('%s', (_, create) => {
  const createDatabase = async () => {
    const open = await create();
    return async () => {
      const store = await open();
      onTestFinished(async () => store.close());
      return store;
    };
  };
  const openStore = async () => (await createDatabase())();

  describe('work that uses the wrong store is refused instead of waiting for itself', () => {
    test('the outer store, reading or writing', async () => {
      const store = await openStore();
      const outside = store.repository(user);
      await store.transaction(async () => {
        await expect(outside.add({ id: 'a' })).rejects.toMatchObject({ code: 'INVALID' });
        await expect(outside.get('a')).rejects.toMatchObject({ code: 'INVALID' });
        await expect(Array.fromAsync(outside.scan({}))).rejects.toMatchObject({ code: 'INVALID' });
        await expect(store.transaction(async () => 1)).rejects.toMatchObject({ code: 'INVALID' });
        expect((await store.health()).status).not.toBe('fail');
      });
      expect(await outside.count()).toBe(0);
    });

    test('the outer transaction, within a savepoint', async () => {
      const store = await openStore();
      await store.transaction(async (outer) => {
        await outer.transaction(async () => {
          await expect(outer.repository(user).count()).rejects.toMatchObject({ code: 'INVALID' });
        });
        expect(await outer.repository(user).count()).toBe(0);
      });
    });

    test('another handle of the same tenant, but not another tenant', async () => {
      const store = await openStore();
      await store.tenant('one').transaction(async () => {
        await expect(idsIn(store.tenant('one'))).rejects.toMatchObject({ code: 'INVALID' });
        await store.tenant('two').repository(user).add({ id: 'a' });
        await store.repository(user).add({ id: 'a' });
      });
      expect(await idsIn(store.tenant('two'))).toEqual(['a']);
    });

    test('but what the work leaves running may use it once the transaction is over', async () => {
      const store = await openStore();
      const afterwards = Promise.withResolvers<void>();
      const later = await store.transaction(async () => ({ ids: afterwards.promise.then(async () => idsIn(store)) }));
      afterwards.resolve();
      expect(await later.ids).toEqual([]);
    });

    test('close is not for the store that the work is given', async () => {
      const store = await openStore();
      await store.transaction(async (bound) => {
        await expect(bound.close()).rejects.toMatchObject({ code: 'UNSUPPORTED' });
      });
    });
  });

  describe('what ends a transaction', () => {
    test('closing the store takes back a transaction that hangs and finishes the writes beside it', async () => {
      const open = await createDatabase();
      const store = await open();
      const started = Promise.withResolvers<void>();
      const running = store.transaction(async (bound) => {
        await bound.repository(user).add({ id: 'a' });
        started.resolve();
        await new Promise(() => undefined);
      });
      await started.promise;
      const beside = store.repository(user).add({ id: 'b' });
      await nextTurn();
      const [outcome] = await Promise.allSettled([running, store.close()]);
      expect(outcome).toMatchObject({ reason: { code: 'CLOSED' } });
      expect(await beside).toEqual({ id: 'b', version: 1 });
      expect(await idsIn(await open())).toEqual(['b']);
    });

    test('closing the store within its work takes it back and does not wait for it', async () => {
      const open = await createDatabase();
      const store = await open();
      const running = store.transaction(async (bound) => {
        await bound.repository(user).add({ id: 'a' });
        await store.close();
      });
      await expect(running).rejects.toMatchObject({ code: 'CLOSED' });
      expect(await idsIn(await open())).toEqual([]);
    });

    test('a savepoint that nobody waited for is taken back when its transaction ends, and its store is closed', async () => {
      const store = await openStore();
      const hold = Promise.withResolvers<void>();
      const { forgotten } = await store.transaction(async (bound) => {
        const started = Promise.withResolvers<void>();
        const savepoint = bound.transaction(async (inner) => {
          await inner.repository(user).add({ id: 'a' });
          started.resolve();
          await hold.promise;
          await inner.repository(user).add({ id: 'b' });
        });
        await started.promise;
        return { forgotten: savepoint };
      });
      await store.transaction(async (bound) => {
        await bound.repository(user).add({ id: 'c' });
        hold.resolve();
        await expect(forgotten).rejects.toMatchObject({ code: 'CLOSED' });
        await bound.repository(user).add({ id: 'd' });
      });
      expect(await idsIn(store)).toEqual(['c', 'd']);
    });

    test('a savepoint that was still being opened then touches no transaction that comes after', async () => {
      const store = await openStore();
      const hold = Promise.withResolvers<void>();
      const opened = await store.transaction(async (bound) => {
        const forgotten = bound.transaction(async () => hold.promise);
        forgotten.catch(() => undefined);
        // By now the statement is sent, and not answered yet.
        await Array.from({ length: 30 }).reduce<Promise<void>>(async (before) => before, Promise.resolve());
        return { forgotten };
      });
      const after = store.transaction(async (bound) => {
        await bound.repository(user).add({ id: 'a' });
        await bound.transaction(async (inner) => {
          await inner.repository(user).add({ id: 'b' });
          hold.resolve();
          await Promise.allSettled([opened.forgotten]);
          await inner.repository(user).add({ id: 'c' });
        });
      });
      await expect(opened.forgotten).rejects.toMatchObject({ code: 'CLOSED' });
      await after;
      expect(await idsIn(store)).toEqual(['a', 'b', 'c']);
    });

    test('calls that nobody waited for are done before the transaction ends, or not at all', async () => {
      const store = await openStore();
      const calls: Promise<unknown>[] = [];
      await store.transaction(async (bound) => {
        for (let index = 0; index < 50; index += 1) {
          const call = bound.repository(user).addMany([{ id: `${index}a` }, { id: `${index}b` }]);
          call.catch(() => undefined);
          calls.push(call);
        }
        await calls[9];
      });
      const outcomes = await Promise.allSettled(calls);
      const done = outcomes.filter(({ status }) => status === 'fulfilled').length;
      expect(done).toBeGreaterThanOrEqual(10);
      expect(done).toBeLessThan(50);
      expect(outcomes.slice(done)).toMatchObject(
        Array.from({ length: 50 - done }, () => ({ reason: { code: 'CLOSED' } })),
      );
      expect(await store.repository(user).count()).toBe(2 * done);
    });
  });
});
