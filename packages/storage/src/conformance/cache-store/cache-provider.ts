import type { CacheStore } from '../../ports/cache-store.ts';
import type { OpenedStore } from '../opened-store.ts';

/** A cache under test. */
export interface OpenedCacheStore extends OpenedStore<CacheStore> {
  /** Lets `ms` milliseconds pass for the store: moves its clock, or really waits. */
  readonly advance: (ms: number) => Promise<void>;
}

/** A provider of `CacheStore`, for its conformance suite. */
export interface CacheProvider {
  /** Names the suite in the report: `memory`, `redis`, ... */
  readonly name: string;
  /** Opens an empty cache that shares nothing with earlier ones and holds at least 1,000 entries. */
  readonly open: () => Promise<OpenedCacheStore>;
}
