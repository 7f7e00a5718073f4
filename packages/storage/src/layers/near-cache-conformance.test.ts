import { describe, it } from 'vitest';
import { testCacheStore } from '../conformance/index.ts';
import { createMemoryCacheHub } from '../testing/create-memory-cache-hub.ts';
import { createManualTimers } from '../testing/manual-timers.ts';
import { createHotCache } from './create-hot-cache.ts';
import { createNearCache } from './create-near-cache.ts';

testCacheStore(
  { describe, it },
  {
    name: 'a near cache over a hub',
    open: async () => {
      const timers = createManualTimers();
      const store = createNearCache(createMemoryCacheHub({ clock: timers }).open(), { timers });
      return { store, advance: async (ms) => timers.pass(ms) };
    },
  },
);

testCacheStore(
  { describe, it },
  {
    name: 'a hot cache over a near cache over a hub',
    open: async () => {
      const timers = createManualTimers();
      const near = createNearCache(createMemoryCacheHub({ clock: timers }).open(), { timers });
      return { store: createHotCache(near, { timers }), advance: async (ms) => timers.pass(ms) };
    },
  },
);
