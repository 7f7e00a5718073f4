import type { JsonInput } from '../json-value.ts';
import type { CallOptions } from './call-options.ts';
import type { StoreHealth } from './store-health.ts';

/** How long a cache keeps an entry when neither the call nor the store says otherwise: 15 minutes. */
export const DEFAULT_TTL_MS = 900_000;

/** Options of a write to the cache. */
export interface CacheWriteOptions extends CallOptions {
  /** Time to live in milliseconds, a whole number from 1 to 31,536,000,000 (365 days). Default: the store's own. */
  readonly ttlMs?: number;
}

/** Options of {@link CacheStore.increment}. */
export interface IncrementOptions extends CacheWriteOptions {
  /** What to add, a safe integer; negative subtracts. Default 1. */
  readonly by?: number;
}

/** Counts since the store was opened. A miss and an outage are never mixed. */
export interface CacheStatistics {
  /** Reads that found a live entry. */
  readonly hits: number;
  /** Reads that found none: absent or past its time to live. */
  readonly misses: number;
  /** Calls that failed because the store did. */
  readonly errors: number;
  /** Entries written. */
  readonly sets: number;
  /** Entries removed by `remove` and `removeByPattern`. */
  readonly removals: number;
  /** Entries dropped to stay within the bound of the store. */
  readonly evictions: number;
}

/**
 * The hot tier: values that may vanish at any time and can always be had again from elsewhere.
 *
 * Keys are 1 to 512 characters without control characters; segments are divided by `:`. Values are JSON values of at most 100 levels; what is
 * read is a copy, so changing it changes nothing in the cache. `null` is a value like any other, `undefined` is absence.
 * Nothing is durable. All calls may run concurrently; each is atomic for its key. Every call can fail with `INVALID`,
 * `UNAVAILABLE`, `TIMEOUT` or `CLOSED`; those that change something also with `OUTCOME_UNKNOWN`.
 */
export interface CacheStore {
  /** The provider's name: `memory`, `redis`, ... */
  readonly provider: string;

  /** Reads a live entry; `undefined` when there is none. Repeatable. */
  get<V extends JsonInput>(key: string, options?: CallOptions): Promise<V | undefined>;

  /** Writes an entry and starts its time to live anew. Repeatable. */
  set(key: string, value: JsonInput, options?: CacheWriteOptions): Promise<void>;

  /** Removes an entry; says whether there was a live one. Repeatable. */
  remove(key: string, options?: CallOptions): Promise<boolean>;

  /** Says whether there is a live entry. Counts as neither hit nor miss. */
  exists(key: string, options?: CallOptions): Promise<boolean>;

  /**
   * Reads an entry, or asks `factory` for the value and writes it. Concurrent calls for one key in one process share one
   * call of the factory. An error of the factory reaches every waiting caller and nothing is written; a factory that
   * returns `undefined` fails with `INVALID`.
   */
  getOrSet<V extends JsonInput>(key: string, factory: () => V | Promise<V>, options?: CacheWriteOptions): Promise<V>;

  /**
   * Removes every live entry whose key matches and returns how many there were.
   *
   * A pattern is at most 256 characters, divided by `:` into segments. A segment is literal text, `*` (any one segment) or
   * text with one `*` at its end (any segment with that start); a last segment `**` matches one or more segments. Any other
   * use of `*`, and the characters `? [ ] \`, are refused with `INVALID`: patterns never reach a server as they are.
   */
  removeByPattern(pattern: string, options?: CallOptions): Promise<number>;

  /**
   * Adds to a counter and returns its new value; an absent counter starts at 0. Only the call that creates the counter
   * sets its time to live, later calls leave it. Fails with `INVALID` when the entry is no integer or the sum is not a safe
   * integer; nothing changes then. Not repeatable.
   */
  increment(key: string, options?: IncrementOptions): Promise<number>;

  /** The counts since the store was opened. */
  statistics(): CacheStatistics;

  /** Makes a real round trip. Never throws. */
  health(options?: CallOptions): Promise<StoreHealth>;

  /** Releases what the store holds. Later calls fail with `CLOSED`; closing again does nothing. */
  close(): Promise<void>;
}
