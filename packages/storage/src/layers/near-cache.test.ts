import { describe, expect, it } from 'vitest';
import type { CoordinatedCacheStore } from '../ports/coordinated-cache-store.ts';
import { type CacheFaults, createFaultyCoordinatedStore } from '../testing/create-faulty-cache-store.ts';
import { createMemoryCacheHub } from '../testing/create-memory-cache-hub.ts';
import { createManualTimers } from '../testing/manual-timers.ts';
import { createHotCache } from './create-hot-cache.ts';
import { createNearCache } from './create-near-cache.ts';
import type { NearCacheOptions } from './near-copies.ts';

/** A near cache and another process on the same store. */
function openNear(options: NearCacheOptions = {}) {
  const timers = createManualTimers();
  const hub = createMemoryCacheHub({ clock: timers });
  const asked: string[] = [];
  let current: CacheFaults | undefined;
  const faults: CacheFaults = (call, key) => {
    asked.push(`${call} ${key}`);
    return current?.(call, key);
  };
  const near = createNearCache(createFaultyCoordinatedStore(hub.open(), { timers, faults }), { timers, ...options });
  return {
    timers,
    hub,
    near,
    other: hub.open(),
    asked,
    setFaults: (next: CacheFaults | undefined) => {
      current = next;
    },
  };
}

const changes: readonly (readonly [string, (store: CoordinatedCacheStore) => Promise<unknown>, unknown])[] = [
  ['set', async (store) => store.set('k:1', 7), 7],
  ['remove', async (store) => store.remove('k:1'), undefined],
  ['removeByPattern', async (store) => store.removeByPattern('k:*'), undefined],
  ['increment', async (store) => store.increment('k:1'), 2],
  [
    'setIfLeased',
    async (store) => {
      await store.lease('k:1', 'token', { ttlMs: 1_000 });
      return store.setIfLeased('k:1', 'token', 8);
    },
    8,
  ],
];

describe('a near cache', () => {
  it('reads once from the store and then from its own memory, as copies', async () => {
    const { near, other, asked } = openNear();
    await other.set('a', { list: [1] });
    const first = await near.get<{ list: number[] }>('a');
    first?.list.push(2);
    const second = await near.get<{ list: number[] }>('a');
    second?.list.push(3);
    expect(await near.get('a')).toEqual({ list: [1] });
    expect([await near.exists('a'), await near.getOrSet('a', () => ({ list: [9] }))]).toEqual([true, { list: [1] }]);
    expect(asked).toEqual(['getWithTtl a']);
    expect(near.report()).toEqual({ nearHits: 3, nearEvictions: 0, isTrusted: true });
    expect(near.statistics()).toMatchObject({ hits: 4, misses: 0 });
  });

  it.each(changes)('%s by another process ends the copy', async (_name, change, after) => {
    const { near, other } = openNear();
    await other.set('k:1', 1);
    expect(await near.get('k:1')).toBe(1);
    await change(other);
    expect(await near.get('k:1')).toBe(after);
  });

  it.each(changes)(
    '%s by this process ends the copy, also when its own changes are not told',
    async (_name, change, after) => {
      const { hub, timers } = openNear();
      const mute: CoordinatedCacheStore = {
        ...hub.open(),
        onInvalidation: ({ onChannel }) => {
          onChannel(true);
          return () => undefined;
        },
      };
      const near = createNearCache(mute, { timers });
      await near.set('k:1', 1);
      expect(await near.get('k:1')).toBe(1);
      await change(near);
      expect(await near.get('k:1')).toBe(after);
    },
  );

  it.each(changes)('%s by anybody while the entry is read keeps the older value out', async (_name, change, after) => {
    const { near, other, setFaults, timers } = openNear();
    await other.set('k:1', 1);
    setFaults((call) => (call === 'getWithTtl' ? { answerAfterMs: 50 } : undefined));
    const reading = near.get('k:1');
    await timers.pass(10);
    await change(other);
    await timers.pass(40);
    expect(await reading).toBe(1);
    setFaults(undefined);
    expect(await near.get('k:1')).toBe(after);
  });

  it('without a channel nothing is kept or read near', async () => {
    const { near, other, hub, asked } = openNear();
    await other.set('a', 1);
    await near.get('a');
    hub.setChannel(false);
    await other.set('a', 2);
    expect([await near.get('a'), await near.get('a')]).toEqual([2, 2]);
    expect(asked).toEqual(['getWithTtl a', 'get a', 'get a']);
    hub.setChannel(true);
    expect([await near.get('a'), await near.get('a')]).toEqual([2, 2]);
    expect(asked.slice(3)).toEqual(['getWithTtl a']);
  });

  it('a channel that breaks while an entry is read keeps it out', async () => {
    const { near, other, hub, setFaults, timers, asked } = openNear();
    await other.set('a', 1);
    setFaults((call) => (call === 'getWithTtl' ? { answerAfterMs: 50 } : undefined));
    const reading = near.get('a');
    await timers.pass(10);
    hub.setChannel(false);
    hub.setChannel(true);
    await timers.pass(40);
    await reading;
    setFaults(undefined);
    await near.get('a');
    expect(asked).toEqual(['getWithTtl a', 'getWithTtl a']);
  });

  it('a copy ends with its own time and never outlives its entry', async () => {
    const { near, other, asked, timers } = openNear({ ttlMs: 500 });
    await other.set('long', 1);
    await other.set('short', 1, { ttlMs: 100 });
    const read = async () => [await near.get('long'), await near.get('short')];
    expect(await read()).toEqual([1, 1]);
    timers.advance(99);
    expect(await read()).toEqual([1, 1]);
    expect(asked.length).toBe(2);
    timers.advance(1);
    expect(await read()).toEqual([1, undefined]);
    timers.advance(400);
    await near.get('long');
    expect(asked).toEqual(['getWithTtl long', 'getWithTtl short', 'getWithTtl short', 'getWithTtl long']);
  });

  it('the time that an answer takes does not lengthen the life of a copy', async () => {
    const { near, other, setFaults, timers } = openNear();
    await other.set('a', 1, { ttlMs: 100 });
    setFaults((call) => (call === 'getWithTtl' ? { answerAfterMs: 90 } : undefined));
    const reading = near.get('a');
    await timers.pass(90);
    expect(await reading).toBe(1);
    setFaults(undefined);
    timers.advance(10);
    expect(await near.get('a')).toBeUndefined();
  });

  it('keeps the most recently used entries', async () => {
    const { near, other, asked } = openNear({ maxEntries: 2 });
    for (const key of ['a', 'b', 'c']) {
      await other.set(key, key);
      await near.get(key);
    }
    await near.get('c');
    await near.get('a');
    expect(asked.filter((call) => call === 'getWithTtl a')).toHaveLength(2);
    expect(near.report().nearEvictions).toBe(2);
  });

  it('a signal that has fired ends a read of a copy, too', async () => {
    const { near, other } = openNear();
    await other.set('a', 1);
    await near.get('a');
    const signal = AbortSignal.abort();
    await expect(near.get('a', { signal })).rejects.toMatchObject({ code: 'TIMEOUT' });
    await expect(near.exists('a', { signal })).rejects.toMatchObject({ code: 'TIMEOUT' });
  });

  it('refuses bounds that are none', () => {
    expect(() => openNear({ maxEntries: 0 })).toThrow(expect.objectContaining({ code: 'INVALID' }));
    expect(() => openNear({ ttlMs: -1 })).toThrow(expect.objectContaining({ code: 'INVALID' }));
  });

  it('below a hot cache: reads are near, the outage of the store empties it with its channel', async () => {
    const { near, other, hub, timers, setFaults, asked } = openNear();
    const hot = createHotCache(near, { timers });
    expect(await hot.getOrSet('a', () => 1)).toBe(1);
    await hot.get('a');
    const before = asked.length;
    expect(await hot.get('a')).toBe(1);
    expect(asked.length).toBe(before);
    hub.setChannel(false);
    setFaults(() => ({ code: 'UNAVAILABLE' }));
    await other.set('a', 2);
    expect(await hot.get('a')).toBeUndefined();
    setFaults(undefined);
    expect(await hot.get('a')).toBe(2);
  });
});
