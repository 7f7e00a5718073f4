import type { JsonValue } from '../../json-value.ts';
import { createMemoryCacheStore } from '../../memory/memory-cache-store.ts';
import type { CacheStore } from '../../ports/cache-store.ts';
import { type CacheFaults, createFaultyCacheStore } from '../../testing/create-faulty-cache-store.ts';
import { createManualTimers, type ManualTimers } from '../../testing/manual-timers.ts';
import { createHotCache } from '../create-hot-cache.ts';
import type { HotCache, HotCacheEvent } from '../hot-cache.ts';
import type { HotCacheOptions } from '../hot-cache-options.ts';

/** A hot cache under test, over memory that can be made to fail. */
export interface OpenedHotCache {
  readonly hot: HotCache;
  /** The memory itself, past everything. */
  readonly memory: CacheStore;
  readonly timers: ManualTimers;
  /** How the calls of the memory go from now on; `undefined`: as ever. */
  readonly setFaults: (faults: CacheFaults | undefined) => void;
  /** What the memory was asked, in order: `get a`. */
  readonly asked: string[];
  readonly events: HotCacheEvent[];
}

/** Opens a hot cache over memory on manual timers. */
export function openHotCache(options: HotCacheOptions = {}): OpenedHotCache {
  const timers = createManualTimers();
  const memory = createMemoryCacheStore({ clock: timers });
  let current: CacheFaults | undefined;
  const asked: string[] = [];
  const faults: CacheFaults = (call, key) => {
    asked.push(`${call} ${key}`.trim());
    return current?.(call, key);
  };
  const hot = createHotCache(createFaultyCacheStore(memory, { timers, faults }), { timers, ...options });
  const events: HotCacheEvent[] = [];
  hot.onEvent((event) => events.push(event));
  return {
    hot,
    memory,
    timers,
    asked,
    events,
    setFaults: (next) => {
      current = next;
    },
  };
}

/** Refuses every call, at once. */
export const refusing: CacheFaults = () => ({ code: 'UNAVAILABLE' });
/** Answers no call, and does nothing. */
export const silent: CacheFaults = () => ({ code: 'TIMEOUT', isDone: false, answerAfterMs: Number.POSITIVE_INFINITY });

/** Lets the store fail until it is left alone. */
export async function trip(hot: HotCache): Promise<void> {
  for (let call = 0; call < 5; call += 1) {
    await hot.get('any');
  }
  if (hot.report().breaker !== 'open') {
    throw new Error('The store is not left alone.');
  }
}

/** A factory that answers when it is told to, and counts its calls. */
export function createGate<V extends JsonValue>() {
  const gate = Promise.withResolvers<V>();
  let calls = 0;
  const factory = async (): Promise<V> => {
    calls += 1;
    return gate.promise;
  };
  return { factory, open: gate.resolve, fail: gate.reject, calls: () => calls };
}

/** A promise that may fail before anybody waits for it. */
export function expectFailure<T>(promise: Promise<T>): Promise<T> {
  promise.catch(() => undefined);
  return promise;
}

/** What became of a promise until now: its value, the code of its error or the error, or `waiting`. */
export async function outcomeOf(promise: Promise<unknown>): Promise<unknown> {
  const settled = promise.catch((error: unknown) => error);
  return Promise.race([settled, new Promise((resolve) => setImmediate(() => resolve('waiting')))]);
}
