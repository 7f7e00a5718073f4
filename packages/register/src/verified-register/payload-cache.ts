import { LRUCache } from 'lru-cache';

/** Records that were proven when they were read, the longest unused forgotten first. Every reader gets a copy of its own. */
export interface PayloadCache {
  get(height: number): Uint8Array | undefined;
  put(height: number, record: Uint8Array): void;
  /** Forgets a record whose stored bytes changed. */
  drop(height: number): void;
}

/** Keeps records up to so many bytes together; 0 keeps none. */
export function createPayloadCache(maxBytes: number): PayloadCache {
  if (maxBytes === 0) {
    return { get: () => undefined, put: () => undefined, drop: () => undefined };
  }
  const cache = new LRUCache<number, Uint8Array>({ maxSize: maxBytes, sizeCalculation: ({ length }) => length });
  return {
    get: (height) => cache.get(height)?.slice(),
    put: (height, record) => void cache.set(height, record.slice()),
    drop: (height) => void cache.delete(height),
  };
}
