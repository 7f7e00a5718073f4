import { StorageError } from '@sorcha/storage';
import { testCacheStore } from '@sorcha/storage/conformance';
import { createManualTimers, createMemoryCacheHub } from '@sorcha/storage/testing';
import { describe, it } from 'vitest';
import { openLateCacheStore, openLateCoordinatedStore } from './open-late-cache-store.ts';

/** A server that is there from the third attempt on. */
function createLateServer() {
  const timers = createManualTimers();
  const hub = createMemoryCacheHub({ clock: timers });
  let attempts = 0;
  const open = async () => {
    attempts += 1;
    if (attempts < 3) {
      throw new StorageError('UNAVAILABLE', 'Nobody listens.');
    }
    return hub.open();
  };
  return { open, timers, options: { provider: 'memory-hub', waitMs: 1_000, secrets: [], timers } };
}

testCacheStore(
  { describe, it },
  {
    name: 'memory, opened late',
    open: async () => {
      const { open, timers, options } = createLateServer();
      const store = await openLateCacheStore(open, options);
      await timers.pass(10_000);
      return { store, advance: async (ms) => timers.pass(ms) };
    },
  },
);

testCacheStore(
  { describe, it },
  {
    name: 'memory, opened late, with leases',
    open: async () => {
      const { open, timers, options } = createLateServer();
      const store = await openLateCoordinatedStore(open, options);
      await timers.pass(10_000);
      return { store, advance: async (ms) => timers.pass(ms) };
    },
  },
);
