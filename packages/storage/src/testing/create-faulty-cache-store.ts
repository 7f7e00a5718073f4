import type { Timers } from '../layers/timers.ts';
import type { CacheStore } from '../ports/cache-store.ts';
import type { CoordinatedCacheStore } from '../ports/coordinated-cache-store.ts';
import { StorageError } from '../storage-error.ts';

/** How one call of a cache goes. Faults come in pairs: the caller hears the same, and the call took effect or did not. */
export interface CacheFault {
  /** What the caller hears; left out: the answer. */
  readonly code?: 'UNAVAILABLE' | 'TIMEOUT' | 'OUTCOME_UNKNOWN';
  /** Whether it takes effect. Default: when it is answered. */
  readonly isDone?: boolean;
  /** How long until it takes effect, in milliseconds. Default 0. It may be later than the answer. */
  readonly doneAfterMs?: number;
  /** How long until the caller hears, in milliseconds; `Infinity`: never. Default: at once after the effect. */
  readonly answerAfterMs?: number;
}

/** The names of the calls that can be made to fail. */
export type CacheCall = Exclude<keyof CoordinatedCacheStore, 'provider' | 'statistics' | 'close' | 'onInvalidation'>;

/** Says how the next call goes; `undefined`: as ever, at once. */
export type CacheFaults = (call: CacheCall, key: string) => CacheFault | undefined;

/** What {@link createFaultyCacheStore} needs. */
export interface FaultyCacheOptions {
  readonly timers: Timers;
  readonly faults: CacheFaults;
}

/** Wraps a cache, so that its calls take time, fail or are lost, for tests of what stands on it. */
export function createFaultyCacheStore(store: CacheStore, options: FaultyCacheOptions): CacheStore {
  const run = createFaultyRun(options);
  return {
    provider: store.provider,
    get: async (key, call) => run('get', key, async () => store.get(key, call)),
    set: async (key, value, call) => run('set', key, async () => store.set(key, value, call)),
    remove: async (key, call) => run('remove', key, async () => store.remove(key, call)),
    exists: async (key, call) => run('exists', key, async () => store.exists(key, call)),
    getOrSet: async (key, factory, call) => run('getOrSet', key, async () => store.getOrSet(key, factory, call)),
    removeByPattern: async (pattern, call) =>
      run('removeByPattern', pattern, async () => store.removeByPattern(pattern, call)),
    increment: async (key, call) => run('increment', key, async () => store.increment(key, call)),
    statistics: () => store.statistics(),
    health: async (call) => run('health', '', async () => store.health(call)),
    close: async () => store.close(),
  };
}

/** As {@link createFaultyCacheStore}, for a cache that offers leases. Invalidations pass as they are. */
export function createFaultyCoordinatedStore(
  store: CoordinatedCacheStore,
  options: FaultyCacheOptions,
): CoordinatedCacheStore {
  const run = createFaultyRun(options);
  return {
    ...createFaultyCacheStore(store, options),
    lease: async (key, token, call) => run('lease', key, async () => store.lease(key, token, call)),
    setIfLeased: async (key, token, value, call) =>
      run('setIfLeased', key, async () => store.setIfLeased(key, token, value, call)),
    release: async (key, token, call) => run('release', key, async () => store.release(key, token, call)),
    getWithTtl: async (key, call) => run('getWithTtl', key, async () => store.getWithTtl(key, call)),
    onInvalidation: (listener) => store.onInvalidation(listener),
  };
}

type Run = <T>(call: CacheCall, key: string, work: () => Promise<T>) => Promise<T>;

function createFaultyRun({ timers, faults }: FaultyCacheOptions): Run {
  const pass = async (ms: number) =>
    new Promise<void>((resolve) => {
      if (ms === 0) {
        resolve();
      } else if (ms !== Number.POSITIVE_INFINITY) {
        timers.after(ms, resolve);
      }
    });
  return async (call, key, work) => {
    const fault = faults(call, key);
    if (fault === undefined) {
      return work();
    }
    const { code, doneAfterMs = 0, answerAfterMs } = fault;
    const isDone = fault.isDone ?? code === undefined;
    const effect = isDone ? pass(doneAfterMs).then(work) : undefined;
    if (code === undefined && effect !== undefined) {
      const answer = await effect;
      if (answerAfterMs !== undefined) {
        await pass(Math.max(0, answerAfterMs - doneAfterMs));
      }
      return answer;
    }
    effect?.catch(() => undefined);
    await pass(answerAfterMs ?? 0);
    throw new StorageError(code ?? 'UNAVAILABLE', `A planned fault: this ${call} fails.`);
  };
}
