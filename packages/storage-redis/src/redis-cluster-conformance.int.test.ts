import { setTimeout as sleep } from 'node:timers/promises';
import { testCacheStore } from '@sorcha/storage/conformance';
import { startRedisCluster } from '@sorcha/test-servers';
import { afterAll, describe, it } from 'vitest';
import { openRedisCacheStore } from './open-redis-cache-store.ts';

const cluster = await startRedisCluster({ onEnd: afterAll });
let opened = 0;

testCacheStore(
  { describe, it },
  {
    name: 'redis cluster',
    open: async () => {
      opened += 1;
      const store = await openRedisCacheStore({ nodes: cluster.urls, prefix: `suite-${opened}` });
      return { store, advance: async (ms) => sleep(ms) };
    },
  },
);
