import { setTimeout as sleep } from 'node:timers/promises';
import { startRedis } from '@sorcha/test-servers';
import { afterAll, describe, expect, it, onTestFinished } from 'vitest';
import { openRedisCacheStore } from './open-redis-cache-store.ts';

const server = await startRedis({ onEnd: afterAll });
const prefix = `counting-${process.pid}`;

async function openMany(count: number) {
  const stores = await Promise.all(
    Array.from({ length: count }, async () => openRedisCacheStore({ url: server.url, prefix, deadlineMs: 10_000 })),
  );
  onTestFinished(async () => {
    await Promise.all(stores.map(async (store) => store.close()));
  });
  return stores;
}

describe('counting over several connections', () => {
  it('1,000 calls at once lose nothing and see each value once', async () => {
    const stores = await openMany(8);
    const calls = Array.from({ length: 1_000 }, async (_, index) => stores[index % 8]?.increment('n'));
    const seen = (await Promise.all(calls)).map(Number).sort((a, b) => a - b);
    expect(seen).toEqual(Array.from({ length: 1_000 }, (_, index) => index + 1));
  });

  it('only the first sets the time to live, and none makes it longer', async () => {
    const stores = await openMany(4);
    const count = async () => Promise.all(stores.map(async (store) => store.increment('window', { ttlMs: 300 })));
    await count();
    const startedAt = performance.now();
    let highest = 0;
    while (performance.now() - startedAt < 200) {
      highest = Math.max(highest, ...(await count()));
      await sleep(20);
    }
    await sleep(200);
    expect(highest).toBeGreaterThan(4);
    expect(Math.min(...(await count()))).toBe(1);
  });

  it('writes, removals and counts of one key at once leave a whole value', async () => {
    const stores = await openMany(4);
    const turns = Array.from({ length: 200 }, async (_, index) => {
      const store = stores[index % 4];
      return index % 3 === 0
        ? store?.set('mixed', 100)
        : index % 3 === 1
          ? store?.remove('mixed')
          : store?.increment('mixed');
    });
    await Promise.all(turns);
    const value = await stores[0]?.get('mixed');
    expect(value === undefined || (typeof value === 'number' && Number.isSafeInteger(value))).toBe(true);
  });
});
