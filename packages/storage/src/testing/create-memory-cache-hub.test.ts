import { describe, it } from 'vitest';
import { testCacheStore, testCoordinatedCacheStore } from '../conformance/index.ts';
import { createMemoryCacheHub } from './create-memory-cache-hub.ts';
import { createManualTimers } from './manual-timers.ts';

function openHub() {
  const timers = createManualTimers();
  const hub = createMemoryCacheHub({ clock: timers });
  return { store: hub.open(), other: hub.open(), advance: async (ms: number) => timers.pass(ms) };
}

testCacheStore({ describe, it }, { name: 'a hub in memory', open: async () => openHub() });
testCoordinatedCacheStore({ describe, it }, { name: 'a hub in memory', open: async () => openHub() });
