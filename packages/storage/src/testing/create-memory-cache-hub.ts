import { checkCacheKey } from '../checks/check-cache-entry.ts';
import { checkSignal } from '../checks/check-signal.ts';
import { checkWholeNumber } from '../checks/check-whole-number.ts';
import { copyJson } from '../checks/copy-json.ts';
import { matchesKeyPattern, parseKeyPattern } from '../checks/key-pattern.ts';
import type { Clock } from '../clock.ts';
import type { JsonValue } from '../json-value.ts';
import { createMemoryCacheStore } from '../memory/memory-cache-store.ts';
import { type CacheStore, DEFAULT_TTL_MS } from '../ports/cache-store.ts';
import type { CallOptions } from '../ports/call-options.ts';
import type { CoordinatedCacheStore, InvalidationListener } from '../ports/coordinated-cache-store.ts';
import { StorageError } from '../storage-error.ts';

const MAX_LEASE_MS = 3_600_000;

/** One cache that several stores use, as several processes use one server. */
export interface MemoryCacheHub {
  /** Opens a store on the cache. Closing it leaves the cache to the others. */
  open(): CoordinatedCacheStore;
  /** Lets the channel of invalidations go down or up again, for all stores. */
  setChannel(isUp: boolean): void;
}

/** Creates an empty cache in memory that offers leases and invalidations, to test what uses those. */
export function createMemoryCacheHub(options: { readonly clock: Clock; readonly maxEntries?: number }): MemoryCacheHub {
  const hub: Hub = {
    clock: options.clock,
    store: createMemoryCacheStore(options),
    listeners: new Set(),
    leases: new Map(),
    expiries: new Map(),
    peeks: { hits: 0, misses: 0 },
    isUp: true,
  };
  return {
    open: () => openHandle(hub),
    setChannel: (isUp) => {
      hub.isUp = isUp;
      for (const { onChannel } of hub.listeners) {
        onChannel(isUp);
      }
    },
  };
}

interface Hub {
  readonly clock: Clock;
  readonly store: CacheStore;
  readonly listeners: Set<InvalidationListener>;
  readonly leases: Map<string, { readonly token: string; readonly endsAt: number }>;
  readonly expiries: Map<string, number>;
  /** Reads that are not to be counted. */
  readonly peeks: { hits: number; misses: number };
  isUp: boolean;
}

/** Ends the leases of keys and tells who listens. */
function change({ leases, listeners, isUp }: Hub, keys: readonly string[]): void {
  for (const key of keys) {
    leases.delete(key);
  }
  for (const { onChange } of isUp ? listeners : []) {
    onChange(keys);
  }
}

/** Whether the lease of a key has this token. */
function isHeldBy({ leases, clock }: Hub, key: string, token: string): boolean {
  const lease = leases.get(key);
  return lease !== undefined && lease.endsAt > clock.now() && lease.token === token;
}

function openHandle(hub: Hub): CoordinatedCacheStore {
  const { store } = hub;
  const state: Handle = { isClosed: false, ends: [] };
  const enter = (key: string | undefined, call: CallOptions | undefined) => {
    if (state.isClosed) {
      throw new StorageError('CLOSED', 'The store is closed; open it again.');
    }
    checkSignal(call);
    if (key !== undefined) {
      checkCacheKey(key);
    }
  };
  const changes = createChanges(hub, enter);
  const provider = 'memory-hub';
  return {
    provider,
    ...changes,
    ...createLeases(hub, enter, changes.set, state),
    get: async (key, call) => {
      enter(key, call);
      return store.get(key, call);
    },
    exists: async (key, call) => {
      enter(key, call);
      return store.exists(key, call);
    },
    getOrSet: async (key, factory, call) => {
      enter(key, call);
      let isMade = false;
      const make = async () => {
        const value = await factory();
        isMade = true;
        hub.expiries.set(key, hub.clock.now() + (call?.ttlMs ?? DEFAULT_TTL_MS));
        return value;
      };
      const value = await store.getOrSet(key, make, call);
      change(hub, isMade ? [key] : []);
      return value;
    },
    statistics: () => {
      const counts = store.statistics();
      return { ...counts, hits: counts.hits - hub.peeks.hits, misses: counts.misses - hub.peeks.misses };
    },
    health: async () => ({ ...(await store.health()), provider, ...(state.isClosed ? { status: 'fail' } : {}) }),
    close: async () => {
      state.isClosed = true;
      for (const end of state.ends) {
        end();
      }
    },
  };
}

interface Handle {
  isClosed: boolean;
  readonly ends: (() => void)[];
}

type Enter = (key: string | undefined, call: CallOptions | undefined) => void;
type Changes = Pick<CacheStore, 'set' | 'remove' | 'removeByPattern' | 'increment'>;
type Leases = Omit<CoordinatedCacheStore, keyof CacheStore>;

/** The store changes at once when it is called, so leases end in the same step. */
function createChanges(hub: Hub, enter: Enter): Changes {
  const { clock, store, leases, expiries } = hub;
  const toExpiry = (ttlMs: number = DEFAULT_TTL_MS) => clock.now() + ttlMs;
  return {
    set: async (key, value, call) => {
      enter(key, call);
      const written = store.set(key, value, call);
      change(hub, [key]);
      await written;
      expiries.set(key, toExpiry(call?.ttlMs));
    },
    remove: async (key, call) => {
      enter(key, call);
      const removed = store.remove(key, call);
      change(hub, [key]);
      return removed;
    },
    removeByPattern: async (pattern, call) => {
      enter(undefined, call);
      const parsed = parseKeyPattern(pattern);
      const removed = store.removeByPattern(pattern, call);
      const known = [...new Set([...expiries.keys(), ...leases.keys()])];
      change(
        hub,
        known.filter((key) => matchesKeyPattern(parsed, key)),
      );
      return removed;
    },
    increment: async (key, call) => {
      enter(key, call);
      const found = store.exists(key);
      const counted = store.increment(key, call);
      change(hub, [key]);
      const [wasThere, count] = await Promise.all([found, counted]);
      if (!wasThere) {
        expiries.set(key, toExpiry(call?.ttlMs));
      }
      return count;
    },
  };
}

function createLeases(hub: Hub, enter: Enter, set: CacheStore['set'], state: Handle): Leases {
  const { clock, store, leases, expiries, peeks } = hub;
  return {
    lease: async (key, token, call) => {
      enter(key, call);
      checkToken(token);
      const endsAt = clock.now() + checkWholeNumber(call.ttlMs, 'ttlMs', { min: 1, max: MAX_LEASE_MS });
      const lease = leases.get(key);
      const isGranted = lease === undefined || lease.endsAt <= clock.now() || lease.token === token;
      if (isGranted) {
        leases.set(key, { token, endsAt });
      }
      const value = await store.get<JsonValue>(key);
      peeks[value === undefined ? 'misses' : 'hits'] += 1;
      return { isGranted, value };
    },
    setIfLeased: async (key, token, value, call) => {
      enter(key, call);
      checkToken(token);
      copyJson(value, key);
      if (!isHeldBy(hub, key, token)) {
        return false;
      }
      await set(key, value, call);
      return true;
    },
    release: async (key, token, call) => {
      enter(key, call);
      checkToken(token);
      if (isHeldBy(hub, key, token)) {
        leases.delete(key);
      }
    },
    getWithTtl: async (key, call) => {
      enter(key, call);
      const ttlMs = (expiries.get(key) ?? 0) - clock.now();
      const value = await store.get<JsonValue>(key);
      return value === undefined || ttlMs < 1 ? undefined : { value, ttlMs };
    },
    onInvalidation: (listener) => {
      hub.listeners.add(listener);
      listener.onChannel(hub.isUp);
      const end = () => {
        hub.listeners.delete(listener);
      };
      state.ends.push(end);
      return end;
    },
  };
}

function checkToken(token: string): void {
  if (typeof token !== 'string' || !/^[A-Za-z0-9_-]{1,64}$/.test(token)) {
    throw new StorageError('INVALID', 'A token of a lease is 1 to 64 characters of A-Z a-z 0-9 - _.');
  }
}
