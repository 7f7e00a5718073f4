import { checkTtlMs } from '../checks/check-cache-entry.ts';
import { checkWholeNumber } from '../checks/check-whole-number.ts';
import { cloneJson } from '../checks/copy-json.ts';
import { type KeyPattern, matchesKeyPattern } from '../checks/key-pattern.ts';
import type { JsonValue } from '../json-value.ts';
import { createLiveEntries } from '../memory/live-entries.ts';
import type { EntryWithTtl } from '../ports/coordinated-cache-store.ts';
import { systemTimers, type Timers } from './timers.ts';

const MOST_ENTRIES = 10_000_000;
const DEFAULT_MAX_ENTRIES = 1_000;
const DEFAULT_TTL_MS = 5_000;

/** Options of `createNearCache`. */
export interface NearCacheOptions {
  /** How many entries are kept near; the least recently used one makes room. From 1 to 10,000,000, default 1,000. */
  readonly maxEntries?: number;
  /** How long an entry is kept near at most, in milliseconds: the bound of what a lost invalidation can do. Default 5,000. */
  readonly ttlMs?: number;
  readonly timers?: Timers;
}

/** Copies of entries of a store, as long as nobody has changed them. */
export interface NearCopies {
  readonly isTrusted: boolean;
  /** Entries dropped to stay within the bound. */
  readonly evictions: number;
  /** A copy of the copy. */
  find(key: string): JsonValue | undefined;
  /** Reads an entry and keeps a copy of it, if it was not changed meanwhile. */
  fill(key: string, read: () => Promise<EntryWithTtl | undefined>): Promise<JsonValue | undefined>;
  /** Entries were changed. */
  drop(keys: readonly string[] | 'all'): void;
  dropMatching(pattern: KeyPattern): void;
  /** Whether changes are heard from now on; what was kept is dropped either way. */
  setTrusted(isTrusted: boolean): void;
}

/** Creates an empty set of copies, which keeps nothing until it is told that changes are heard. */
export function createNearCopies({
  maxEntries,
  ttlMs = DEFAULT_TTL_MS,
  timers = systemTimers,
}: NearCacheOptions): NearCopies {
  const longestMs = checkTtlMs(ttlMs);
  let isTrusted = false;
  let evictions = 0;
  const entries = createLiveEntries({
    maxEntries: checkWholeNumber(maxEntries ?? DEFAULT_MAX_ENTRIES, 'maxEntries', { min: 1, max: MOST_ENTRIES }),
    clock: { now: () => timers.elapsed() },
    onEvict: () => {
      evictions += 1;
    },
  });
  const fills = createPendingReads();
  const dropOne = (key: string) => {
    entries.delete(key);
    fills.cut(key);
  };
  const dropMatching = (matches: (key: string) => boolean) => {
    for (const key of [...entries.keys(), ...fills.keys()].filter(matches)) {
      dropOne(key);
    }
  };
  return {
    get isTrusted() {
      return isTrusted;
    },
    get evictions() {
      return evictions;
    },
    find: (key) => {
      const entry = entries.get(key);
      return entry === undefined ? undefined : cloneJson(entry.value);
    },
    fill: async (key, read) => {
      const startedAt = timers.elapsed();
      const fill = fills.begin(key);
      try {
        const found = await read();
        if (found !== undefined && !fill.isCut && isTrusted) {
          // The time that is left counts from when the store was asked: a copy never outlives its entry.
          entries.set(key, { value: cloneJson(found.value), expiresAt: startedAt + Math.min(longestMs, found.ttlMs) });
        }
        return found?.value;
      } finally {
        fills.end(key, fill);
      }
    },
    drop: (keys) => {
      if (keys === 'all') {
        dropMatching(() => true);
      } else {
        for (const key of keys) {
          dropOne(key);
        }
      }
    },
    dropMatching: (pattern) => dropMatching((key) => matchesKeyPattern(pattern, key)),
    setTrusted: (next) => {
      isTrusted = next;
      dropMatching(() => true);
    },
  };
}

/** A read on its way that will fill a copy, unless the key is changed before. */
interface PendingRead {
  isCut: boolean;
}

/** The reads that are on their way. */
interface PendingReads {
  begin(key: string): PendingRead;
  end(key: string, read: PendingRead): void;
  /** The key was changed: what is being read of it is not to be kept. */
  cut(key: string): void;
  keys(): string[];
}

function createPendingReads(): PendingReads {
  const reads = new Map<string, Set<PendingRead>>();
  return {
    begin: (key) => {
      const read = { isCut: false };
      const others = reads.get(key);
      if (others === undefined) {
        reads.set(key, new Set([read]));
      } else {
        others.add(read);
      }
      return read;
    },
    end: (key, read) => {
      const others = reads.get(key);
      if (others?.delete(read) === true && others.size === 0) {
        reads.delete(key);
      }
    },
    cut: (key) => {
      for (const read of reads.get(key) ?? []) {
        read.isCut = true;
      }
      reads.delete(key);
    },
    keys: () => [...reads.keys()],
  };
}
