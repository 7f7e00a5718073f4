import { join } from 'node:path';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { defineEntity, type RelationalStore } from '@sorcha/storage';
import { createTemporaryFolder } from '@sorcha/storage/testing';
import { describe, expect, onTestFinished, test } from 'vitest';
import { z } from 'zod';
import { openSqliteRelationalStore } from './open-sqlite-relational-store.ts';

const user = defineEntity({
  name: 'user',
  schema: z.object({ id: z.string(), email: z.string().optional() }),
  key: 'id',
  unique: [['email']],
});

async function createFile() {
  const file = join(await createTemporaryFolder(onTestFinished), 'warm.sqlite');
  const open = async () => {
    const store = await openSqliteRelationalStore({ file, entities: [user] });
    onTestFinished(async () => store.close());
    return store;
  };
  return { file, open };
}

const openStore = async () => (await createFile()).open();
const idsIn = async (store: RelationalStore) => (await store.repository(user).find({})).map(({ id }) => id);

describe('work that uses the wrong store is refused instead of waiting for itself', () => {
  test('the outer store, reading or writing', async () => {
    const store = await openStore();
    const outside = store.repository(user);
    await store.transaction(async () => {
      await expect(outside.add({ id: 'a' })).rejects.toMatchObject({ code: 'INVALID' });
      await expect(outside.get('a')).rejects.toMatchObject({ code: 'INVALID' });
      await expect(Array.fromAsync(outside.scan({}))).rejects.toMatchObject({ code: 'INVALID' });
      await expect(store.transaction(async () => 1)).rejects.toMatchObject({ code: 'INVALID' });
      expect(await store.health()).toMatchObject({ status: 'pass' });
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

  test('another handle of the same tenant', async () => {
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

  test('tenants and close are not for the store that the work is given', async () => {
    const store = await openStore();
    await store.transaction(async (bound) => {
      expect(() => bound.tenant('one')).toThrow(expect.objectContaining({ code: 'UNSUPPORTED' }));
      await expect(bound.close()).rejects.toMatchObject({ code: 'UNSUPPORTED' });
    });
  });
});

describe('what ends a transaction', () => {
  test('closing the store takes back a transaction that hangs and finishes the writes behind it', async () => {
    const { open } = await createFile();
    const store = await open();
    const running = store.transaction(async (bound) => {
      await bound.repository(user).add({ id: 'a' });
      await new Promise(() => undefined);
    });
    const behind = store.repository(user).add({ id: 'b' });
    await nextTurn();
    const [outcome] = await Promise.allSettled([running, store.close()]);
    expect(outcome).toMatchObject({ reason: { code: 'CLOSED' } });
    expect(await behind).toEqual({ id: 'b', version: 1 });
    expect(await idsIn(await open())).toEqual(['b']);
  });

  test('closing the store within its work takes it back and does not wait for it', async () => {
    const { open } = await createFile();
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
    const next = store.transaction(async (bound) => {
      await bound.repository(user).add({ id: 'c' });
      hold.resolve();
      await expect(forgotten).rejects.toMatchObject({ code: 'CLOSED' });
      await bound.repository(user).add({ id: 'd' });
    });
    await next;
    expect(await idsIn(store)).toEqual(['c', 'd']);
  });

  test('calls that nobody waited for are done before the transaction ends, or not at all', async () => {
    const store = await openStore();
    const calls: Promise<unknown>[] = [];
    await store.transaction(async (bound) => {
      for (let index = 0; index < 50; index += 1) {
        calls.push(bound.repository(user).addMany([{ id: `${index}a` }, { id: `${index}b` }]));
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
