import { LRUCache } from 'lru-cache';
import type { Clock } from '../clock.ts';
import type { JsonValue } from '../json-value.ts';

/** One value and the moment from which on it no longer counts, in milliseconds since 1970-01-01T00:00:00Z. */
export interface LiveEntry {
  readonly value: JsonValue;
  readonly expiresAt: number;
}

/** The entries of a memory cache. Only live ones are seen; what has expired is dropped when it is met. */
export interface LiveEntries {
  /** Reads an entry and makes it the most recently used one. */
  get(key: string): LiveEntry | undefined;
  /** Says whether there is an entry; leaves the order of use alone. */
  has(key: string): boolean;
  set(key: string, entry: LiveEntry): void;
  /** Drops an entry; says whether there was one. */
  delete(key: string): boolean;
  keys(): string[];
  clear(): void;
}

/**
 * Creates an empty set of entries that keeps the most recently used ones.
 *
 * @param options.maxEntries how many entries are kept; expired ones that nobody met yet count.
 * @param options.onEvict is told of every live entry that had to make room.
 */
export function createLiveEntries(options: {
  readonly maxEntries: number;
  readonly clock: Clock;
  readonly onEvict: () => void;
}): LiveEntries {
  const { maxEntries, clock, onEvict } = options;
  const isLive = (entry: LiveEntry) => entry.expiresAt > clock.now();
  const entries = new LRUCache<string, LiveEntry>({
    max: maxEntries,
    dispose: (entry, _key, reason) => {
      if (reason === 'evict' && isLive(entry)) {
        onEvict();
      }
    },
  });
  const unlessExpired = (key: string, entry: LiveEntry | undefined) => {
    if (entry === undefined || isLive(entry)) {
      return entry;
    }
    entries.delete(key);
    return undefined;
  };
  const has = (key: string) => unlessExpired(key, entries.peek(key)) !== undefined;
  return {
    get: (key) => unlessExpired(key, entries.get(key)),
    has,
    set: (key, entry) => {
      entries.set(key, entry);
    },
    delete: (key) => has(key) && entries.delete(key),
    keys: () => [...entries.keys()].filter(has),
    clear: () => {
      entries.clear();
    },
  };
}
