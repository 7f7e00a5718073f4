import { setTimeout as sleep } from 'node:timers/promises';
import { testCacheStore } from '@sorcha/storage/conformance';
import { startRedis } from '@sorcha/test-servers';
import { afterAll, describe, it } from 'vitest';
import { openRedisCacheStore } from './open-redis-cache-store.ts';

const server = await startRedis({ onEnd: afterAll });
let opened = 0;

testCacheStore(
  { describe, it },
  {
    name: 'redis',
    open: async () => {
      opened += 1;
      const prefix = `suite-${process.pid}-${opened}`;
      return { store: await openRedisCacheStore({ url: server.url, prefix }), advance: async (ms) => sleep(ms) };
    },
  },
);
