import { randomUUID } from 'node:crypto';
import { checkSignal } from '../checks/check-signal.ts';
import type { JsonValue } from '../json-value.ts';
import type { CacheStore } from '../ports/cache-store.ts';
import type { CallOptions } from '../ports/call-options.ts';
import { type CoordinatedCacheStore, isCoordinatedCacheStore } from '../ports/coordinated-cache-store.ts';
import { StorageError } from '../storage-error.ts';
import { createDistrust, type Distrust } from './distrust.ts';
import type { HotCacheEvent } from './hot-cache.ts';
import type { HotSettings } from './hot-cache-options.ts';
import { createHotCounts, type HotCounts } from './hot-counts.ts';
import { createLatencyHistogram, type LatencyHistogram } from './latency-histogram.ts';
import { createListeners, type Listeners } from './listeners.ts';
import { createMender, type Mender } from './mender.ts';
import { MAY_BE_DONE, NOT_DONE, type Outage } from './outage.ts';
import { createStoreGuard, type StoreGuard } from './store-guard.ts';
import { createWriteLanes, type WriteLanes } from './write-lanes.ts';

/** What the calls of a hot cache are made of. */
export interface HotCore {
  readonly store: CacheStore;
  /** The same store, when it offers leases. */
  readonly leases: CoordinatedCacheStore | undefined;
  readonly settings: HotSettings;
  readonly counts: HotCounts;
  readonly factoryLatency: LatencyHistogram;
  readonly listeners: Listeners<HotCacheEvent>;
  readonly guard: StoreGuard;
  readonly lanes: WriteLanes;
  readonly distrust: Distrust;
  readonly mender: Mender;
  isClosed: boolean;
  /** What every call checks first. */
  enter<T>(parse: (text: string) => T, text: string, call: CallOptions | undefined): T;
  /** Reads what the store has, unless it is not to be trusted. */
  read(key: string): Promise<JsonValue | undefined | Outage>;
  /** Sends a write when the earlier ones of its key have ended, or not at all when that is too late. Later ones wait for it. */
  write<T>(key: string, send: () => Promise<T>): Promise<T | Outage>;
  /** Remembers that the store may hold of a key what it should not. */
  distrustKey(key: string, outage: Outage): void;
  /** A name for a lease that no other has. */
  nextToken(): string;
  /** A time to live, less the jitter. */
  toTtlMs(ttlMs: number): number;
}

/** How many patterns that were removed during an outage are remembered. */
const MAX_PATTERNS = 100;
const NOTHING_DONE = Promise.resolve<typeof NOT_DONE>(NOT_DONE);

/** Puts the parts of a hot cache together. */
export function createHotCore(store: CacheStore, settings: HotSettings): HotCore {
  const { timers } = settings;
  const listeners = createListeners<HotCacheEvent>();
  const lanes = createWriteLanes();
  const distrust = createDistrust({
    maxKeys: settings.maxDistrustedKeys,
    maxPatterns: MAX_PATTERNS,
    onOverflow: () => listeners.tell({ kind: 'all-distrusted' }),
  });
  const guard = createStoreGuard({
    ...settings,
    store,
    onBreaker: (state) => listeners.tell({ kind: 'breaker', state }),
    onOutage: (change) => {
      if (change.isOut) {
        listeners.tell({ kind: 'outage-began', error: change.error });
      } else {
        listeners.tell({ kind: 'outage-ended', lastedMs: change.lastedMs });
        mender.start();
      }
    },
  });
  const mender = createMender({ store, guard, lanes, distrust, timers, settleMs: settings.deadlineMs });
  const processName = randomUUID();
  let tokens = 0;
  const core: HotCore = {
    store,
    leases: isCoordinatedCacheStore(store) ? store : undefined,
    settings,
    counts: createHotCounts(),
    factoryLatency: createLatencyHistogram(),
    listeners,
    guard,
    lanes,
    distrust,
    mender,
    isClosed: false,
    enter: (parse, text, call) => {
      if (core.isClosed) {
        throw new StorageError('CLOSED', 'The cache is closed; open it again.');
      }
      checkSignal(call);
      return parse(text);
    },
    read: (key) =>
      distrust.isTrusted(key) && guard.isReachable ? guard.watch(store.get<JsonValue>(key)) : NOTHING_DONE,
    write: (key, send) => {
      if (!guard.isReachable) {
        return NOTHING_DONE;
      }
      return lanes.isBusy(key)
        ? untilGivenUp(send, async (inTime) => guard.ask(async () => lanes.run(key, inTime)))
        : guard.watch(lanes.run(key, send));
    },
    distrustKey: (key, outage) => {
      if (!core.isClosed) {
        distrust.addKey(key, outage === MAY_BE_DONE);
        mender.schedule();
      }
    },
    nextToken: () => {
      tokens += 1;
      return `${processName}-${tokens}`;
    },
    toTtlMs: (ttlMs) => Math.max(1, Math.round(ttlMs * (1 - settings.jitter * settings.random()))),
  };
  return core;
}

/** Keeps a call that waited too long for its turn from being sent after all. */
export async function untilGivenUp<T>(
  send: () => Promise<T>,
  ask: (inTime: () => Promise<T | Outage>) => Promise<T | Outage>,
): Promise<T | Outage> {
  let isGivenUp = false;
  const answer = await ask(async () => (isGivenUp ? NOT_DONE : send()));
  isGivenUp = true;
  return answer;
}
