import { inspect } from 'node:util';
import { type CoordinatedCacheStore, StorageError, type StorageErrorCode } from '@sorcha/storage';
import { createHotCache } from '@sorcha/storage/layers';
import { createManualTimers, createMemoryCacheHub } from '@sorcha/storage/testing';
import { describe, expect, it } from 'vitest';
import { Secret } from '../config/secret.ts';
import { openLateCacheStore, openLateCoordinatedStore } from './open-late-cache-store.ts';

const SECRET = 'hunter2-hunter2';

/** A server that is not there before it is started. */
function createServer() {
  const timers = createManualTimers();
  const hub = createMemoryCacheHub({ clock: timers });
  const server: { fault: StorageErrorCode | undefined; attempts: number; opened: CoordinatedCacheStore[] } = {
    fault: 'UNAVAILABLE',
    attempts: 0,
    opened: [],
  };
  const open = async (): Promise<CoordinatedCacheStore> => {
    server.attempts += 1;
    if (server.fault !== undefined) {
      const cause = new Error(`AUTH ${SECRET} refused`);
      throw new StorageError(server.fault, `The server refused ${SECRET}.`, { cause });
    }
    const store = hub.open();
    server.opened.push(store);
    return store;
  };
  const options = { provider: 'memory-hub', waitMs: 1_000, secrets: [new Secret(SECRET)], timers };
  return { server, timers, hub, open, options };
}

describe('a cache whose server is not there at the start (FR-003)', () => {
  it.each(['UNAVAILABLE', 'TIMEOUT', 'OUTCOME_UNKNOWN'] as const)('opens without it when that is %s', async (fault) => {
    const { server, timers, open, options } = createServer();
    server.fault = fault;
    const store = await openLateCoordinatedStore(open, options);
    await expect(store.get('k')).rejects.toMatchObject({ code: 'UNAVAILABLE' });
    await expect(store.lease('k', 't', { ttlMs: 1 })).rejects.toMatchObject({ code: 'UNAVAILABLE' });
    expect(store.statistics()).toMatchObject({ misses: 0, errors: 2 });
    expect(await store.health()).toMatchObject({ status: 'fail', provider: 'memory-hub' });
    server.fault = undefined;
    await timers.pass(5_000);
    await store.set('k', 1);
    expect(await store.get('k')).toBe(1);
    expect(await store.health()).toMatchObject({ status: 'pass' });
    expect(server.opened).toHaveLength(1);
  });

  it.each(['INVALID', 'INCOMPATIBLE_SERVER'] as const)('does not open when that is %s', async (fault) => {
    const { server, timers, open, options } = createServer();
    server.fault = fault;
    await expect(openLateCacheStore(open, options)).rejects.toMatchObject({ code: fault });
    await timers.pass(60_000);
    expect(server.attempts).toBe(1);
  });

  it('is waited for no longer than it is told, and the first attempt counts when it ends later', async () => {
    const { server, timers, hub, options } = createServer();
    const answer = Promise.withResolvers<CoordinatedCacheStore>();
    const opening = openLateCacheStore(async () => answer.promise, options);
    await timers.pass(1_000);
    const store = await opening;
    await expect(store.set('k', 1)).rejects.toMatchObject({ code: 'UNAVAILABLE' });
    answer.resolve(hub.open());
    await timers.pass(0);
    await store.set('k', 1);
    expect(server.attempts).toBe(0);
  });

  it('is tried again less and less often, also after other errors, which its health tells', async () => {
    const { server, timers, open, options } = createServer();
    const store = await openLateCacheStore(open, options);
    server.fault = 'INVALID';
    await timers.pass(60_000);
    expect(server.attempts).toBeGreaterThan(12);
    expect(server.attempts).toBeLessThan(20);
    expect((await store.health()).detail).toContain('refused');
    server.fault = undefined;
    await timers.pass(5_000);
    expect(await store.exists('k')).toBe(false);
  });

  it('says no secret in its health, nor in its errors or their causes', async () => {
    const { open, options } = createServer();
    const store = await openLateCacheStore(open, options);
    await new Promise(setImmediate);
    const told = [await store.health(), await store.get('k').catch((error: unknown) => error)];
    expect(inspect(told, { depth: 20, showHidden: true })).toContain('refused');
    expect(inspect(told, { depth: 20, showHidden: true })).not.toContain(SECRET);
  });

  it('tells changes from the time when it is there', async () => {
    const { server, timers, hub, open, options } = createServer();
    const store = await openLateCoordinatedStore(open, options);
    const told: unknown[] = [];
    const end = store.onInvalidation({ onChange: (keys) => told.push(keys), onChannel: (isUp) => told.push(isUp) });
    store.onInvalidation({ onChange: () => undefined, onChannel: () => undefined })();
    server.fault = undefined;
    await timers.pass(5_000);
    const other = hub.open();
    await other.set('k', 1);
    expect(told).toEqual([false, true, ['k']]);
    end();
    await other.set('k', 2);
    expect(told).toHaveLength(3);
  });

  it('is closed before it was opened: nothing is tried any more, and what opens late is closed', async () => {
    const { server, timers, hub, open, options } = createServer();
    const store = await openLateCacheStore(open, options);
    await new Promise(setImmediate);
    await store.close();
    await store.close();
    await timers.pass(60_000);
    expect(server.attempts).toBe(1);
    await expect(store.get('k')).rejects.toMatchObject({ code: 'CLOSED' });
    expect(await store.health()).toMatchObject({ status: 'fail', detail: 'The cache is closed; open it again.' });

    const answer = Promise.withResolvers<CoordinatedCacheStore>();
    const opening = openLateCacheStore(async () => answer.promise, options);
    await timers.pass(1_000);
    await (await opening).close();
    const late = hub.open();
    answer.resolve(late);
    await timers.pass(0);
    await expect(late.get('k')).rejects.toMatchObject({ code: 'CLOSED' });
  });

  it('is used by the hot cache before it with leases as soon as it is there', async () => {
    const { server, timers, hub, open, options } = createServer();
    const hot = createHotCache(await openLateCoordinatedStore(open, options), { timers });
    expect(await hot.getOrSet('k', () => 'made without it')).toBe('made without it');
    expect(await hot.health()).toMatchObject({ status: 'warn' });
    await hot.set('changed', 'new');
    server.fault = undefined;
    await timers.pass(40_000);
    expect(hot.report()).toMatchObject({ breaker: 'closed', distrusted: 0 });
    const other = createHotCache(hub.open(), { timers });
    let made = 0;
    const makes = [hot, other].map(async (cache) => cache.getOrSet('one', () => (made += 1)));
    await timers.pass(1_000);
    expect(await Promise.all(makes)).toEqual([1, 1]);
    expect(await hot.health()).toMatchObject({ status: 'pass' });
  });
});
