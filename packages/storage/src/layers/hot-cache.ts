import type { JsonInput } from '../json-value.ts';
import type { CacheStatistics, CacheStore, CacheWriteOptions } from '../ports/cache-store.ts';
import type { BreakerState } from './circuit-breaker.ts';
import type { Latency } from './latency-histogram.ts';

/** Options of {@link HotCache.set}; what is left out is that of the cache. */
export interface HotWriteOptions extends CacheWriteOptions {
  /** How much longer than its time to live the value is kept, to be served when its source fails. 0: not at all. */
  readonly graceMs?: number;
}

/** Options of {@link HotCache.getOrSet}; what is left out is that of the cache. Callers who share a call share those of the first. */
export interface HotReadOptions extends HotWriteOptions {
  /** How long the factory may take before a value in its time of grace is served instead; the factory goes on. */
  readonly factorySoftTimeoutMs?: number;
  /** How long the factory may take before the call fails with `TIMEOUT`, or serves a value in its time of grace; the factory goes on. */
  readonly factoryHardTimeoutMs?: number;
  /** Whether `null` from the factory is kept. */
  readonly cacheNull?: boolean;
}

/** Counts since the cache was made, beyond those of every cache. */
export interface HotCacheReport extends CacheStatistics {
  /** Calls answered without the store, because it was out or a key in it is not to be trusted yet. Neither hits nor misses. */
  readonly outages: number;
  /** Calls of `getOrSet` that were answered with what another call was already waiting for. */
  readonly joined: number;
  /** Calls answered with a value past its time to live. */
  readonly staleServed: number;
  readonly factoryCalls: number;
  /** Calls of factories that failed. */
  readonly factoryFailures: number;
  /** Calls of factories that took longer than the soft or the hard timeout. */
  readonly factoryTimeouts: number;
  /** Values of factories that were not kept, because their key was changed meanwhile. */
  readonly outdated: number;
  readonly breaker: BreakerState;
  /** Keys and patterns of keys that are not read from the store before they were removed there. */
  readonly distrusted: number;
  /** How long the store took for each call. */
  readonly storeLatency: Latency;
  /** How long the factories took. */
  readonly factoryLatency: Latency;
  /** How many times a listener threw. */
  readonly listenerErrors: number;
}

/** What a hot cache tells its listeners. */
export type HotCacheEvent =
  | { readonly kind: 'breaker'; readonly state: BreakerState }
  /** The first failed call after one that worked. */
  | { readonly kind: 'outage-began'; readonly error: unknown }
  /** The first call that worked after the outage. */
  | { readonly kind: 'outage-ended'; readonly lastedMs: number }
  /** Too many changes were made during an outage to remember each: nothing in the store is trusted until all was removed. */
  | { readonly kind: 'all-distrusted' };

/**
 * A cache that goes on when its store does not, and never serves a value that is older than an acknowledged change of this
 * process, or of another whose store took it.
 *
 * Beyond `CacheStore`:
 * - **Outages.** While the store is out, `get` finds nothing, `exists` says no, `getOrSet` asks its factory, and changes are
 *   remembered instead of made (`remove` then says `false`, `removeByPattern` 0): their keys are not read from the store before they were removed
 *   there. Only `increment` fails, with `UNAVAILABLE` or, when it may have counted, `OUTCOME_UNKNOWN`; see `HotCacheOptions.countDuringOutage`.
 *   Other processes can read the older value until that is done, half a second after the store answers again. What a process
 *   still remembered when it ended is lost; then the time to live is the bound.
 * - **Factories.** Whoever asks for a key while its factory runs waits for the same call, across processes too when the
 *   store is a `CoordinatedCacheStore`. A value whose key was changed since its factory began is returned to who asked
 *   before the change, and is not kept.
 * - **Grace.** A value with a time of grace stays in the store past its time to live. It is a miss for `get` and `exists`,
 *   but `getOrSet` serves it when the factory fails or is too slow. `remove` and `removeByPattern` still count it as there,
 *   and `increment` refuses it (`INVALID`).
 */
export interface HotCache extends CacheStore {
  set(key: string, value: JsonInput, options?: HotWriteOptions): Promise<void>;
  getOrSet<V extends JsonInput>(key: string, factory: () => V | Promise<V>, options?: HotReadOptions): Promise<V>;
  /** Everything that is counted and measured. */
  report(): HotCacheReport;
  /** Tells a listener of every event from now on; returns what ends it. What a listener throws is counted and goes nowhere else. */
  onEvent(listener: (event: HotCacheEvent) => void): () => void;
}
