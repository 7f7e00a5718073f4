import { describe, it } from 'vitest';
import { testCacheStore } from '../conformance/index.ts';
import { createMemoryCacheStore } from '../memory/memory-cache-store.ts';
import { createManualTimers } from '../testing/manual-timers.ts';
import { createHotCache } from './create-hot-cache.ts';

testCacheStore(
  { describe, it },
  {
    name: 'a hot cache over memory',
    open: async () => {
      const timers = createManualTimers();
      const store = createHotCache(createMemoryCacheStore({ clock: timers }), { timers, jitter: 0.1 });
      return { store, advance: async (ms) => timers.pass(ms) };
    },
  },
);
