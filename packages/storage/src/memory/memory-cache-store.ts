import { checkCacheKey, checkTtlMs } from '../checks/check-cache-entry.ts';
import { checkSignal } from '../checks/check-signal.ts';
import { checkWholeNumber } from '../checks/check-whole-number.ts';
import { cloneJson, copyJson } from '../checks/copy-json.ts';
import { matchesKeyPattern, parseKeyPattern } from '../checks/key-pattern.ts';
import { type Clock, systemClock } from '../clock.ts';
import type { JsonInput, JsonValue } from '../json-value.ts';
import type { CacheStore } from '../ports/cache-store.ts';
import type { CallOptions } from '../ports/call-options.ts';
import { StorageError } from '../storage-error.ts';
import { createLiveEntries } from './live-entries.ts';
import { toMemoryHealth } from './memory-health.ts';
import { createSingleFlight } from './single-flight.ts';
import { waitWithSignal } from './wait-with-signal.ts';

const DEFAULT_MAX_ENTRIES = 10_000;
/** The order of use is kept in lists of this length, which are made at once. */
const MOST_ENTRIES = 10_000_000;

/** Options of {@link createMemoryCacheStore}. */
export interface MemoryCacheOptions {
  /** How many entries are kept; the least recently used one makes room. From 1 to 10,000,000, default 10,000. */
  readonly maxEntries?: number;
  /** Time to live of entries written without one, in milliseconds. Default `DEFAULT_TTL_MS`. */
  readonly ttlMs?: number;
  readonly clock?: Clock;
}

/**
 * Creates a cache in the memory of this process.
 *
 * A value that a factory made for `getOrSet` is not kept when its key was written or removed meanwhile, because it is older
 * than that change; who waited for it still gets it.
 *
 * @throws StorageError `INVALID` when an option is out of its bounds.
 */
export function createMemoryCacheStore(options: MemoryCacheOptions = {}): CacheStore {
  const core = createCacheCore(options);
  const { entries, flights, counts, enter, read, write, drop, expiryOf } = core;
  return {
    provider: 'memory',
    get: async <V extends JsonInput>(key: string, call?: CallOptions) => {
      enter(checkCacheKey, key, call);
      const found = read(key);
      // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- the caller says of which type it is
      return found === undefined ? undefined : (cloneJson(found) as V);
    },
    set: async (key, value, call) => {
      enter(checkCacheKey, key, call);
      write(key, copyJson(value, key), expiryOf(call?.ttlMs));
    },
    remove: async (key, call) => drop(enter(checkCacheKey, key, call)),
    exists: async (key, call) => entries.has(enter(checkCacheKey, key, call)),
    getOrSet: async <V extends JsonInput>(
      key: string,
      factory: () => V | Promise<V>,
      call?: CallOptions & { readonly ttlMs?: number },
    ) => {
      enter(checkCacheKey, key, call);
      expiryOf(call?.ttlMs);
      const found = read(key);
      const start = async () => copyJson(await factory(), key);
      const land = (value: JsonValue) => write(key, value, expiryOf(call?.ttlMs));
      const value = found === undefined ? await waitWithSignal(flights.join(key, start, land), call?.signal) : found;
      // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- the caller says of which type it is
      return cloneJson(value) as V;
    },
    removeByPattern: async (pattern, call) => {
      const parsed = enter(parseKeyPattern, pattern, call);
      const keys = [...new Set([...entries.keys(), ...flights.keys()])];
      return keys.filter((key) => matchesKeyPattern(parsed, key) && drop(key)).length;
    },
    increment: async (key, call) => {
      enter(checkCacheKey, key, call);
      const { by = 1, ttlMs } = call ?? {};
      checkWholeNumber(by, 'by', { min: Number.MIN_SAFE_INTEGER });
      const expiresAt = expiryOf(ttlMs);
      const entry = entries.get(key) ?? { value: 0, expiresAt };
      const sum = add(key, entry.value, by);
      write(key, sum, entry.expiresAt);
      return sum;
    },
    statistics: () => ({ ...counts }),
    health: async () => toMemoryHealth(core.isClosed),
    close: async () => {
      core.isClosed = true;
      entries.clear();
      for (const key of flights.keys()) {
        flights.cut(key);
      }
    },
  };
}

/** What the calls of a cache are made of. */
function createCacheCore(options: MemoryCacheOptions) {
  const { clock = systemClock } = options;
  const counts = { hits: 0, misses: 0, errors: 0, sets: 0, removals: 0, evictions: 0 };
  const defaultTtlMs = checkTtlMs(options.ttlMs);
  const maxEntries = options.maxEntries ?? DEFAULT_MAX_ENTRIES;
  const entries = createLiveEntries({
    maxEntries: checkWholeNumber(maxEntries, 'maxEntries', { min: 1, max: MOST_ENTRIES }),
    clock,
    onEvict: () => {
      counts.evictions += 1;
    },
  });
  const flights = createSingleFlight<JsonValue>();
  const core = {
    entries,
    flights,
    counts,
    isClosed: false,
    /** What every call checks first. */
    enter: <T>(parse: (text: string) => T, text: string, call: CallOptions | undefined): T => {
      if (core.isClosed) {
        throw new StorageError('CLOSED', 'The cache is closed; open it again.');
      }
      checkSignal(call);
      return parse(text);
    },
    /** Counts as hit or miss. */
    read: (key: string): JsonValue | undefined => {
      const entry = entries.get(key);
      counts[entry === undefined ? 'misses' : 'hits'] += 1;
      return entry?.value;
    },
    write: (key: string, value: JsonValue, expiresAt: number): void => {
      flights.cut(key);
      entries.set(key, { value, expiresAt });
      counts.sets += 1;
    },
    drop: (key: string): boolean => {
      flights.cut(key);
      const isRemoved = entries.delete(key);
      counts.removals += Number(isRemoved);
      return isRemoved;
    },
    expiryOf: (ttlMs: number = defaultTtlMs): number => clock.now() + checkTtlMs(ttlMs),
  };
  return core;
}

function add(key: string, value: JsonValue, by: number): number {
  const sum = typeof value === 'number' && Number.isSafeInteger(value) ? value + by : Number.NaN;
  if (!Number.isSafeInteger(sum)) {
    throw new StorageError(
      'INVALID',
      `"${key}" cannot be counted by ${by}: it is no integer or would leave their range.`,
    );
  }
  return sum;
}
