import type { CoordinatedCacheStore } from '../../ports/coordinated-cache-store.ts';
import type { OpenedStore } from '../opened-store.ts';

/** Two stores on the same data, as in two processes. The suite closes both at the end of the test. */
export interface OpenedCoordinatedStores extends OpenedStore<CoordinatedCacheStore> {
  readonly other: CoordinatedCacheStore;
  /** Lets `ms` milliseconds pass for the stores: moves their clock, or really waits. */
  readonly advance: (ms: number) => Promise<void>;
}

/** A provider of `CoordinatedCacheStore`, for its conformance suite. */
export interface CoordinatedProvider {
  /** Names the suite in the report: `redis`, ... */
  readonly name: string;
  /** Opens two stores on an empty cache that shares nothing with earlier ones. */
  readonly open: () => Promise<OpenedCoordinatedStores>;
}
