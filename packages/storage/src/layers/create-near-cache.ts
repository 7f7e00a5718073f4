import { checkSignal } from '../checks/check-signal.ts';
import { parseKeyPattern } from '../checks/key-pattern.ts';
import type { JsonInput } from '../json-value.ts';
import type { CacheWriteOptions } from '../ports/cache-store.ts';
import type { CallOptions } from '../ports/call-options.ts';
import type { CoordinatedCacheStore } from '../ports/coordinated-cache-store.ts';
import type { StoreHealth } from '../ports/store-health.ts';
import { createNearCopies, type NearCacheOptions, type NearCopies } from './near-copies.ts';

/** What a near cache counts. */
export interface NearCacheReport {
  /** Reads answered in this process. */
  readonly nearHits: number;
  /** Entries dropped to stay within the bound. */
  readonly nearEvictions: number;
  /** Whether changes are heard. While they are not, nothing is kept or read near. */
  readonly isTrusted: boolean;
}

/** A store with a copy of some of its entries in this process. */
export interface NearCache extends CoordinatedCacheStore {
  /** That of the store, and a restriction while changes are not heard. */
  health(options?: CallOptions): Promise<StoreHealth>;
  report(): NearCacheReport;
}

/**
 * Keeps what is read from a store in the memory of this process too, until it is changed by anybody.
 *
 * A change by this process ends the copy before the change is acknowledged; one by another process ends it when it is heard
 * of, usually within milliseconds. Until then the older value may still be read here: leave the near cache out where that
 * matters. It belongs below a hot cache, `createHotCache(createNearCache(store))`, which asks the store itself before it
 * makes a value. It owns the store: closing it closes both.
 *
 * @throws StorageError `INVALID` when an option is out of its bounds.
 */
export function createNearCache(far: CoordinatedCacheStore, options: NearCacheOptions = {}): NearCache {
  const copies = createNearCopies(options);
  const end = far.onInvalidation({
    onChange: (keys) => copies.drop(keys),
    onChannel: (isUp) => copies.setTrusted(isUp),
  });
  let nearHits = 0;
  const find = (key: string, call: CallOptions | undefined) => {
    const value = copies.find(key);
    if (value !== undefined) {
      checkSignal(call);
    }
    return value;
  };
  const read = async (key: string, call: CallOptions | undefined, ask: () => Promise<unknown>): Promise<unknown> => {
    const value = find(key, call);
    nearHits += Number(value !== undefined);
    return value === undefined ? ask() : value;
  };
  return {
    provider: far.provider,
    get: async <V extends JsonInput>(key: string, call?: CallOptions) => {
      const ask = async () =>
        copies.isTrusted ? copies.fill(key, async () => far.getWithTtl(key, call)) : far.get(key, call);
      // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- the caller says of which type it is
      return (await read(key, call, ask)) as V | undefined;
    },
    getOrSet: async <V extends JsonInput>(key: string, factory: () => V | Promise<V>, call?: CacheWriteOptions) => {
      const ask = async () => far.getOrSet(key, factory, call);
      // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- the caller says of which type it is
      return (await read(key, call, ask)) as V;
    },
    exists: async (key, call) => find(key, call) !== undefined || far.exists(key, call),
    ...createNearChanges(far, copies),
    lease: async (key, token, call) => far.lease(key, token, call),
    release: async (key, token, call) => far.release(key, token, call),
    getWithTtl: async (key, call) => far.getWithTtl(key, call),
    onInvalidation: (listener) => far.onInvalidation(listener),
    statistics: () => {
      const counts = far.statistics();
      return { ...counts, hits: counts.hits + nearHits };
    },
    report: () => ({ nearHits, nearEvictions: copies.evictions, isTrusted: copies.isTrusted }),
    health: async (call) => {
      const health = await far.health(call);
      const detail = 'Changes by other processes are not heard: nothing is kept near.';
      return health.status === 'pass' && !copies.isTrusted ? { ...health, status: 'warn', detail } : health;
    },
    close: async () => {
      end();
      copies.setTrusted(false);
      await far.close();
    },
  };
}

type Changes = Pick<CoordinatedCacheStore, 'set' | 'setIfLeased' | 'remove' | 'removeByPattern' | 'increment'>;

/** Copies end before a change and again after it: what was read in between may be either value. */
function createNearChanges(far: CoordinatedCacheStore, copies: NearCopies): Changes {
  const change = async <T>(key: string, send: () => Promise<T>): Promise<T> => {
    copies.drop([key]);
    try {
      return await send();
    } finally {
      copies.drop([key]);
    }
  };
  return {
    set: async (key, value, call) => change(key, async () => far.set(key, value, call)),
    setIfLeased: async (key, token, value, call) => change(key, async () => far.setIfLeased(key, token, value, call)),
    remove: async (key, call) => change(key, async () => far.remove(key, call)),
    increment: async (key, call) => change(key, async () => far.increment(key, call)),
    removeByPattern: async (pattern, call) => {
      const parsed = parseKeyPattern(pattern);
      copies.dropMatching(parsed);
      try {
        return await far.removeByPattern(pattern, call);
      } finally {
        copies.dropMatching(parsed);
      }
    },
  };
}
