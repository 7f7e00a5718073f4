import type { CacheStore } from '../ports/cache-store.ts';
import { createFactoryFlights } from './factory-flights.ts';
import type { HotCache } from './hot-cache.ts';
import { type HotCacheOptions, toHotSettings } from './hot-cache-options.ts';
import { createCounting, createHotChanges, createPatternRemoval } from './hot-changes.ts';
import { createHotCore } from './hot-core.ts';
import { toHotHealth } from './hot-health.ts';
import { createHotReads } from './hot-reads.ts';

/**
 * Puts a hot cache in front of a store; see {@link HotCache} for what it does beyond the store. It owns the store: closing it closes both.
 *
 * @throws StorageError `INVALID` when an option is out of its bounds.
 */
export function createHotCache(store: CacheStore, options: HotCacheOptions = {}): HotCache {
  const core = createHotCore(store, toHotSettings(options));
  const { counts, guard, distrust, listeners, mender } = core;
  const flights = createFactoryFlights(core);
  const end = async () => {
    core.isClosed = true;
    flights.cutMatching();
    guard.stop();
    mender.stop();
    distrust.clear();
    await store.close();
  };
  let closing: Promise<void> | undefined;
  return {
    provider: store.provider,
    ...createHotReads(core, flights),
    ...createHotChanges(core, flights),
    removeByPattern: createPatternRemoval(core, flights),
    increment: createCounting(core, flights),
    statistics: () => ({
      hits: counts.hits,
      misses: counts.misses,
      errors: guard.errors,
      sets: counts.sets,
      removals: counts.removals,
      evictions: store.statistics().evictions,
    }),
    report: () => ({
      ...counts,
      errors: guard.errors,
      evictions: store.statistics().evictions,
      breaker: guard.breakerState,
      distrusted: distrust.size,
      storeLatency: guard.latency(),
      factoryLatency: core.factoryLatency.read(),
      listenerErrors: listeners.errors,
    }),
    onEvent: (listener) => listeners.add(listener),
    health: async () => toHotHealth(core),
    close: async () => {
      closing ??= end();
      return closing;
    },
  };
}
