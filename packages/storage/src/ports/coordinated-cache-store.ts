import type { JsonInput, JsonValue } from '../json-value.ts';
import type { CacheStore, CacheWriteOptions } from './cache-store.ts';
import type { CallOptions } from './call-options.ts';

/** Options of {@link CoordinatedCacheStore.lease}. */
export interface LeaseOptions extends CallOptions {
  /** How long the lease holds when nothing ends it, in milliseconds: a whole number from 1 to 3,600,000. */
  readonly ttlMs: number;
}

/** The answer to a request for a lease, and what the entry was in the same atomic step. */
export interface LeaseAnswer {
  /** Whether the caller holds the lease now; `false` when somebody else does. */
  readonly isGranted: boolean;
  /** The live entry; `undefined` when there is none. */
  readonly value: JsonValue | undefined;
}

/** A live entry and how long it still lives. */
export interface EntryWithTtl {
  readonly value: JsonValue;
  /** What is left of its time to live, in milliseconds: 1 or more. Never more than the store will really keep it. */
  readonly ttlMs: number;
}

/** Is told what other users of a store change. Both are called one after the other and must not throw. */
export interface InvalidationListener {
  /**
   * Entries were written, removed, counted, expired or evicted, by anybody; `all` means that any may have been. Changes
   * made through this very store may be told or left out.
   */
  readonly onChange: (keys: readonly string[] | 'all') => void;
  /** Whether changes are told from now on. While it is `false`, and before it was `true`, changes go unheard. */
  readonly onChannel: (isUp: boolean) => void;
}

/**
 * What a hot tier that several processes use at once can offer beyond `CacheStore`. Optional: layers use it when it is
 * there (`isCoordinatedCacheStore`). "Everybody" means all stores, in all processes, that were opened on the same data.
 *
 * A **lease** is the right to make the value of one key. At most one is held per key. It is ended by `setIfLeased`, by
 * `release`, by its time, and by *every* change of the key by everybody: `set`, `remove`, `removeByPattern` that matches
 * and `increment`, also where there was no entry to remove. A store may end it for other reasons too (eviction, restart);
 * that costs a second call of a factory and never a wrong value. So a value that was read from the source before a change
 * can not be written after it. A lease is no entry: no other call sees it, and it counts in no statistics.
 *
 * A call that failed takes no effect later than a short time (the deadline of one call) after the store answers again.
 */
export interface CoordinatedCacheStore extends CacheStore {
  /**
   * Asks for the lease of a key. Answers at once, also when it is taken.
   *
   * @param token names the lease: 1 to 64 characters of A-Z a-z 0-9 - _, made by the caller and never used for another lease.
   * Repeatable with the same token (then its time starts anew), but only before the value is read from its source: a lease
   * that was ended meanwhile would be granted again.
   */
  lease(key: string, token: string, options: LeaseOptions): Promise<LeaseAnswer>;

  /** Writes an entry as `set` does and ends the lease, in one atomic step; `false`, and no effect, when the lease is gone. */
  setIfLeased(key: string, token: string, value: JsonInput, options?: CacheWriteOptions): Promise<boolean>;

  /** Ends a lease without a value, so that the next who asks gets it; does nothing when it is gone. Repeatable. */
  release(key: string, token: string, options?: CallOptions): Promise<void>;

  /** As `get` (and counted as such), with the time that is left. */
  getWithTtl(key: string, options?: CallOptions): Promise<EntryWithTtl | undefined>;

  /**
   * Tells a listener of changes from now on, and first whether the channel is up. A channel that is lost is told as down as
   * soon as it is noticed, at most seconds later also when the network is silent. Changes are heard after they were
   * made, usually within milliseconds. Returns what ends it; `close` ends it too.
   */
  onInvalidation(listener: InvalidationListener): () => void;
}

const CALLS = ['lease', 'setIfLeased', 'release', 'getWithTtl', 'onInvalidation'] as const;

/** Says whether a store offers the calls of {@link CoordinatedCacheStore}. */
export function isCoordinatedCacheStore(store: CacheStore): store is CoordinatedCacheStore {
  return CALLS.every((call) => typeof Reflect.get(store, call) === 'function');
}
