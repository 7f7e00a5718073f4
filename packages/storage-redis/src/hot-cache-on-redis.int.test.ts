import { setTimeout as sleep } from 'node:timers/promises';
import { testCacheStore } from '@sorcha/storage/conformance';
import { createHotCache, type HotCache } from '@sorcha/storage/layers';
import { startRedis } from '@sorcha/test-servers';
import { afterAll, describe, expect, it, onTestFinished } from 'vitest';
import { openRedisCacheStore } from './open-redis-cache-store.ts';
import { waitUntil } from './testing/wait-until.ts';

const quiet = await startRedis({ onEnd: afterAll });
let opened = 0;

testCacheStore(
  { describe, it },
  {
    name: 'redis, hot',
    open: async () => {
      opened += 1;
      const store = await openRedisCacheStore({ url: quiet.url, prefix: `hot-${process.pid}-${opened}` });
      return { store: createHotCache(store, { deadlineMs: 5_000 }), advance: async (ms) => sleep(ms) };
    },
  },
);

/** A call and when it was made, in milliseconds. */
interface Call {
  readonly startedAt: number;
  readonly tookMs: number;
}

/** Reads 500 keys through a cache in 32 loops until it is told to stop. */
function createReaders(cache: HotCache) {
  const calls: Call[] = [];
  const errors: unknown[] = [];
  const state = { isRunning: true };
  const read = async (loop: number): Promise<void> => {
    for (let turn = loop; state.isRunning; turn += 7) {
      const startedAt = performance.now();
      try {
        await cache.getOrSet(`key:${turn % 500}`, () => ({ turn }));
      } catch (error) {
        errors.push(error);
      }
      calls.push({ startedAt, tookMs: performance.now() - startedAt });
      await sleep(1);
    }
  };
  const running = Promise.all(Array.from({ length: 32 }, async (_, loop) => read(loop)));
  return {
    calls,
    errors,
    stop: async () => {
      state.isRunning = false;
      await running;
    },
  };
}

function percentile(calls: readonly Call[], share: number): number {
  const sorted = calls.map(({ tookMs }) => tookMs).sort((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? Number.NaN;
}

describe('a hot cache whose Redis is', () => {
  it.each([
    ['frozen', 'pause', 'resume'],
    ['killed', 'kill', 'restart'],
  ] as const)('%s goes on without it at once, and uses it again', async (name, fail, mend) => {
    const server = await startRedis({ faults: true, onEnd: onTestFinished });
    const store = await openRedisCacheStore({ url: server.url, prefix: 'outage', deadlineMs: 250 });
    const cache = createHotCache(store, { deadlineMs: 250, breakMs: 500 });
    onTestFinished(async () => cache.close());
    let beganAt = Number.NaN;
    cache.onEvent((event) => {
      if (event.kind === 'outage-began' && Number.isNaN(beganAt)) {
        beganAt = performance.now();
      }
    });
    const readers = createReaders(cache);
    await sleep(1_000);
    readers.calls.length = 0;
    await sleep(1_000);
    const warmP99 = percentile(readers.calls, 0.99);
    await server[fail]();
    await waitUntil('the outage is noticed', () => !Number.isNaN(beganAt));
    await sleep(1_500);
    const during = readers.calls.filter(({ startedAt }) => startedAt >= beganAt);
    const degradedAfterMs = Math.min(...during.map(({ startedAt, tookMs }) => startedAt + tookMs)) - beganAt;
    await server[mend]();
    await waitUntil('it is used again', () => cache.report().breaker === 'closed');
    const { hits } = cache.statistics();
    await waitUntil('it is read again', () => cache.statistics().hits > hits + 100);
    await readers.stop();
    const p99 = percentile(during, 0.99);
    const figures = [warmP99, p99, degradedAfterMs].map((ms) => ms.toFixed(1));
    console.log(
      `Redis ${name}: p99 warm ${figures[0]} ms, p99 during the outage ${figures[1]} ms, first answer without it ${figures[2]} ms after the first failed call`,
    );
    expect(readers.errors).toEqual([]);
    expect(Math.max(...readers.calls.map(({ tookMs }) => tookMs))).toBeLessThan(250 + 1_000);
    expect(degradedAfterMs).toBeLessThan(100);
    expect(cache.report().outages).toBeGreaterThan(100);
  });

  it('frozen while a value is changed never serves the older one afterwards', async () => {
    const server = await startRedis({ faults: true, onEnd: onTestFinished });
    const store = await openRedisCacheStore({ url: server.url, prefix: 'races', deadlineMs: 200 });
    const cache = createHotCache(store, { deadlineMs: 200, breakMs: 300 });
    onTestFinished(async () => cache.close());
    const keys = Array.from({ length: 200 }, (_, index) => `key:${index}`);
    const source = new Map<string, number>(keys.map((key) => [key, 0]));
    for (let round = 1; round <= 4; round += 1) {
      await Promise.all(keys.map(async (key) => cache.getOrSet(key, () => source.get(key) ?? -1)));
      // In the making when the server stops, of the value before the change.
      const fresh = keys.map((key) => `${key}:${round}`);
      const gate = Promise.withResolvers<undefined>();
      const making = fresh.map(async (key) =>
        cache.getOrSet(key, async () => {
          const value = source.get(key) ?? 0;
          await gate.promise;
          return value;
        }),
      );
      await sleep(20);
      await server.pause();
      gate.resolve(undefined);
      await sleep(20);
      for (const key of [...keys, ...fresh]) {
        source.set(key, round);
      }
      await Promise.all(
        [...keys, ...fresh].map(async (key, index) => (index % 2 === 0 ? cache.remove(key) : cache.set(key, round))),
      );
      await Promise.allSettled(making);
      await sleep(round === 4 ? 2_500 : 100);
      await server.resume();
      await waitUntil('it is used again', () => cache.report().breaker === 'closed');
      const read = async () =>
        Promise.all([...keys, ...fresh].map(async (key) => cache.getOrSet(key, () => source.get(key) ?? -1)));
      for (let turn = 0; turn < 3; turn += 1) {
        expect((await read()).filter((value) => value !== round)).toEqual([]);
        await sleep(100);
      }
    }
  });

  it('quicker than this process, which is busy, is not taken for out', async () => {
    const server = await startRedis({ onEnd: onTestFinished });
    const cache = createHotCache(await openRedisCacheStore({ url: server.url, prefix: 'busy', deadlineMs: 150 }), {
      deadlineMs: 150,
    });
    onTestFinished(async () => cache.close());
    await cache.set('key', 'kept');
    const reads = Promise.all(Array.from({ length: 50 }, async () => cache.getOrSet('key', () => 'made')));
    await new Promise(setImmediate);
    const busyUntil = performance.now() + 400;
    while (performance.now() < busyUntil) {
      // Keeps the process from reading replies.
    }
    expect(new Set(await reads)).toEqual(new Set(['kept']));
    expect(cache.report()).toMatchObject({ hits: 50, outages: 0, errors: 0, breaker: 'closed' });
  });
});
