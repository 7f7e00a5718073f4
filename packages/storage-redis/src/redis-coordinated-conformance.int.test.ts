import { setTimeout as sleep } from 'node:timers/promises';
import { testCoordinatedCacheStore } from '@sorcha/storage/conformance';
import { createNearCache } from '@sorcha/storage/layers';
import { startRedis } from '@sorcha/test-servers';
import { afterAll, describe, it } from 'vitest';
import { openRedisCacheStore } from './open-redis-cache-store.ts';

const server = await startRedis({ onEnd: afterAll });
let opened = 0;

async function openPair() {
  opened += 1;
  const prefix = `coordinated-${process.pid}-${opened}`;
  const open = async () => openRedisCacheStore({ url: server.url, prefix });
  return { store: await open(), other: await open(), advance: async (ms: number) => sleep(ms) };
}

testCoordinatedCacheStore({ describe, it }, { name: 'redis', open: openPair });
testCoordinatedCacheStore(
  { describe, it },
  {
    name: 'near caches over redis',
    open: async () => {
      const { store, other, advance } = await openPair();
      return { store: createNearCache(store), other: createNearCache(other), advance };
    },
  },
);
