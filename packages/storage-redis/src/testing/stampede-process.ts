import { setTimeout as sleep } from 'node:timers/promises';
import { createHotCache } from '@sorcha/storage/layers';
import { openRedisCacheStore } from '../open-redis-cache-store.ts';

// One of the processes of the stampede test: opens the cache, says so, and asks for one key many times when it is told to.

const [url = '', prefix = '', calls = '0', factoryMs = '0'] = process.argv.slice(2);
const store = await openRedisCacheStore({ url, prefix, deadlineMs: 5_000 });
const cache = createHotCache(store, { deadlineMs: 5_000, leaseMs: 2_000 });

process.once('message', () => {
  void run();
});
process.send?.('ready');

async function run(): Promise<void> {
  const values = await Promise.all(
    Array.from({ length: Number(calls) }, async () =>
      cache.getOrSet('cold', async () => {
        await sleep(Number(factoryMs));
        return { madeBy: process.pid };
      }),
    ),
  );
  process.send?.({
    factoryCalls: cache.report().factoryCalls,
    makers: [...new Set(values.map(({ madeBy }) => madeBy))],
  });
  await cache.close();
  process.disconnect();
}
