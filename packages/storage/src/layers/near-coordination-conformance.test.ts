import { describe, it } from 'vitest';
import { testCoordinatedCacheStore } from '../conformance/index.ts';
import { createMemoryCacheHub } from '../testing/create-memory-cache-hub.ts';
import { createManualTimers } from '../testing/manual-timers.ts';
import { createNearCache } from './create-near-cache.ts';

testCoordinatedCacheStore(
  { describe, it },
  {
    name: 'near caches over a hub',
    open: async () => {
      const timers = createManualTimers();
      const hub = createMemoryCacheHub({ clock: timers });
      const open = () => createNearCache(hub.open(), { timers });
      return { store: open(), other: open(), advance: async (ms) => timers.pass(ms) };
    },
  },
);
