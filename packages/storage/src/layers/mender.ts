import type { CacheStore } from '../ports/cache-store.ts';
import type { Distrust, Mark } from './distrust.ts';
import { isOutage } from './outage.ts';
import type { StoreGuard } from './store-guard.ts';
import type { Timers } from './timers.ts';
import type { WriteLanes } from './write-lanes.ts';

/** How many keys are removed at the same time. */
const BATCH = 100;
/** How long after an attempt that left something the next one is made, in milliseconds. */
const RETRY_MS = 500;
const SOON_MS = 1;

/** Makes a store trustworthy again after an outage. */
export interface Mender {
  /** There is something to remove: begins soon, and goes on until nothing is left. */
  schedule(): void;
  /** Begins as soon as what the store was just asked is done with: it answers again. */
  start(): void;
  stop(): void;
}

/** What {@link createMender} needs. */
export interface MenderOptions {
  readonly store: CacheStore;
  readonly guard: StoreGuard;
  readonly lanes: WriteLanes;
  readonly distrust: Distrust;
  readonly timers: Timers;
  /** How long after the store was seen to answer a write that was given up can still take effect, in milliseconds. */
  readonly settleMs: number;
}

/**
 * Creates what removes distrusted entries from a store.
 *
 * It does not wait until the circuit breaker lets calls through again: other processes, which may find the store working before
 * this one does, read the older value until then.
 *
 * A write that was given up may take effect later. Such a key is removed, then left alone until what was given up has
 * landed or never will, and removed once more.
 */
export function createMender(options: MenderOptions): Mender {
  const { guard, distrust, timers } = options;
  let isRunning = false;
  let isStopped = false;
  let callOff: (() => void) | undefined;
  const begin = () => {
    callOff = undefined;
    if (!isRunning && !isStopped && distrust.size > 0) {
      void run();
    }
  };
  const schedule = () => {
    if (isRunning || isStopped || callOff !== undefined || distrust.size === 0) {
      return;
    }
    const now = timers.elapsed();
    const waits = distrust.list().map(({ settledAt }) => Math.max(1, (settledAt ?? Number.POSITIVE_INFINITY) - now));
    callOff = timers.after(
      waits.reduce((soonest, wait) => Math.min(soonest, wait), RETRY_MS),
      begin,
    );
  };
  const run = async (): Promise<void> => {
    isRunning = true;
    try {
      await (guard.isReachable ? undefined : guard.probe());
      const marks = distrust.list();
      for (let first = 0; first < marks.length && guard.isReachable; first += BATCH) {
        await Promise.all(marks.slice(first, first + BATCH).map(async (mark) => mend(options, mark)));
      }
    } catch {
      // The store was closed: there is nothing left to make right.
      isStopped = true;
    }
    isRunning = false;
    schedule();
  };
  const start = () => {
    callOff?.();
    callOff = timers.after(SOON_MS, begin);
  };
  return {
    schedule,
    start,
    stop: () => {
      isStopped = true;
      callOff?.();
    },
  };
}

/** Goes one step towards trusting what a mark stands for. */
async function mend(options: MenderOptions, mark: Mark): Promise<void> {
  const { store, guard, lanes, distrust, timers, settleMs } = options;
  const isWaiting = mark.settledAt !== undefined && mark.settledAt > timers.elapsed();
  if (isWaiting || (mark.kind === 'key' && lanes.isBusy(mark.text))) {
    return;
  }
  const answer = await (mark.kind === 'key'
    ? guard.ask(async () => lanes.run(mark.text, async () => store.remove(mark.text)))
    : guard.askLong(async () => store.removeByPattern(mark.text)));
  if (isOutage(answer)) {
    return;
  }
  if (mark.mayLand && mark.settledAt === undefined) {
    mark.settledAt = timers.elapsed() + settleMs;
  } else {
    distrust.drop(mark);
  }
}
