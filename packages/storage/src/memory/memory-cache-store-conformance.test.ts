import { describe, it } from 'vitest';
import { testCacheStore } from '../conformance/index.ts';
import { createManualClock } from '../testing/index.ts';
import { createMemoryCacheStore } from './memory-cache-store.ts';

testCacheStore(
  { describe, it },
  {
    name: 'memory',
    open: async () => {
      const clock = createManualClock();
      return { store: createMemoryCacheStore({ clock }), advance: async (ms) => clock.advance(ms) };
    },
  },
);
