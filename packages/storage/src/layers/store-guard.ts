import type { CacheStore } from '../ports/cache-store.ts';
import type { StoreHealth } from '../ports/store-health.ts';
import { StorageError } from '../storage-error.ts';
import { type BreakerState, type CircuitBreaker, createCircuitBreaker } from './circuit-breaker.ts';
import { createDeadline, type Deadline } from './deadline.ts';
import { createLatencyHistogram, type Latency } from './latency-histogram.ts';
import { NOT_DONE, type Outage, toOutage } from './outage.ts';
import type { Timers } from './timers.ts';

/** A store that is failing is given this part of the time to answer, so that five failures in a row do not take long. */
const IMPATIENCE = 10;
const SHORTEST_DEADLINE_MS = 10;
/** But never less than so many times what its answers usually take, or a slow store would not be found working again. */
const USUAL_TIMES = 4;
/** How many answers make up what is usual. */
const USUAL_ANSWERS = 64;

/** The one way to a store: every call has a deadline, and no error of the store gets past. */
export interface StoreGuard {
  /** Whether calls go through: the circuit breaker is closed. */
  readonly isReachable: boolean;
  readonly breakerState: BreakerState;
  /**
   * Waits for a call of the store that was just made. An outage is an answer, not an error; `INVALID`, `UNSUPPORTED` and
   * `CLOSED` are thrown as they are. To be used only while `isReachable`.
   */
  watch<T>(call: Promise<T>): Promise<T | Outage>;
  /** Calls the store and watches that, unless it is not reachable: `NOT_DONE`. */
  ask<T>(call: () => Promise<T>): Promise<T | Outage>;
  /** As `ask`, with the long deadline: for calls that touch many keys. */
  askLong<T>(call: () => Promise<T>): Promise<T | Outage>;
  /** Finds out whether a store that is left alone works again. */
  probe(): Promise<void>;
  /** Calls that failed because the store did. */
  readonly errors: number;
  /** How long the store took to answer or to fail. */
  latency(): Latency;
  /** The health of the store; `fail` when it does not answer in time. Never throws and changes nothing here. */
  health(): Promise<StoreHealth>;
  stop(): void;
}

/** The begin or the end of an outage. */
export type OutageChange =
  | { readonly isOut: true; readonly error: unknown }
  | { readonly isOut: false; readonly lastedMs: number };

/** What {@link createStoreGuard} needs. */
export interface StoreGuardOptions {
  readonly store: CacheStore;
  readonly timers: Timers;
  readonly deadlineMs: number;
  readonly patternDeadlineMs: number;
  readonly breakerFailures: number;
  readonly breakMs: number;
  readonly onBreaker: (state: BreakerState) => void;
  /** Is told when calls begin to fail and, with how long that lasted, when one works again. */
  readonly onOutage: (change: OutageChange) => void;
}

/** Creates the way to a store. */
export function createStoreGuard(options: StoreGuardOptions): StoreGuard {
  const { store, timers, deadlineMs } = options;
  const histogram = createLatencyHistogram();
  const usual = createDeadline(timers, deadlineMs);
  const createShort = () => {
    const shortMs = Math.ceil(Math.max(SHORTEST_DEADLINE_MS, deadlineMs / IMPATIENCE, USUAL_TIMES * usualMs));
    return createDeadline(timers, Math.min(deadlineMs, shortMs));
  };
  let short = usual;
  let answers = 0;
  let usualMs = 0;
  const long = createDeadline(timers, options.patternDeadlineMs);
  const health = async () => readHealth(store, timers, usual);
  const { breaker, outage } = createOutageWatch(options, health);
  const watchUntil = <T>(call: Promise<T>, deadline: Deadline): Promise<T | Outage> =>
    new Promise((resolve, reject) => {
      const startedAt = timers.elapsed();
      const onFailure = (error: unknown) => {
        histogram.record(timers.elapsed() - startedAt);
        const answer = toOutage(error);
        if (answer === undefined) {
          // oxlint-disable-next-line typescript/prefer-promise-reject-errors -- the error of the store, as it is
          reject(error);
        } else {
          short = outage.isOut ? short : createShort();
          outage.fail(error);
          resolve(answer);
        }
      };
      const waiting = deadline.begin(startedAt, () => onFailure(toTimeout(deadline)));
      const onValue = (value: T) => {
        if (deadline.end(waiting)) {
          const tookMs = timers.elapsed() - startedAt;
          histogram.record(tookMs);
          answers = Math.min(answers + 1, USUAL_ANSWERS);
          usualMs += (tookMs - usualMs) / answers;
          outage.succeed();
          resolve(value);
        }
      };
      call.then(onValue, (error: unknown) => {
        if (deadline.end(waiting)) {
          onFailure(error);
        }
      });
    });
  const watch = <T>(call: Promise<T>) => watchUntil(call, outage.isOut ? short : usual);
  return {
    get isReachable() {
      return breaker.state === 'closed';
    },
    get breakerState() {
      return breaker.state;
    },
    watch,
    ask: async (call) => (breaker.state === 'closed' ? watch(call()) : NOT_DONE),
    askLong: async (call) => (breaker.state === 'closed' ? watchUntil(call(), long) : NOT_DONE),
    probe: async () => breaker.probe(),
    get errors() {
      return outage.errors;
    },
    latency: () => histogram.read(),
    health,
    stop: () => breaker.stop(),
  };
}

/** Whether a store works, as its calls tell. */
interface OutageWatch {
  readonly isOut: boolean;
  readonly errors: number;
  succeed(): void;
  fail(error: unknown): void;
}

function createOutageWatch(
  { timers, breakerFailures, breakMs, onBreaker, onOutage }: StoreGuardOptions,
  health: () => Promise<StoreHealth>,
): { readonly breaker: CircuitBreaker; readonly outage: OutageWatch } {
  let errors = 0;
  let outSince: number | undefined;
  const succeed = () => {
    if (outSince !== undefined) {
      const lastedMs = timers.elapsed() - outSince;
      outSince = undefined;
      breaker.succeed();
      onOutage({ isOut: false, lastedMs });
    }
  };
  const breaker = createCircuitBreaker({
    timers,
    failures: breakerFailures,
    breakMs,
    probe: async () => (await health()).status !== 'fail',
    onState: (state) => {
      onBreaker(state);
      if (state === 'closed') {
        succeed();
      }
    },
  });
  const outage = {
    get isOut() {
      return outSince !== undefined;
    },
    get errors() {
      return errors;
    },
    succeed,
    fail: (error: unknown) => {
      errors += 1;
      if (outSince === undefined) {
        outSince = timers.elapsed();
        onOutage({ isOut: true, error });
      }
      breaker.fail();
    },
  };
  return { breaker, outage };
}

function toTimeout({ ms }: Deadline): StorageError {
  return new StorageError('TIMEOUT', `The store did not answer within ${ms} ms.`);
}

/** The health of a store, within the deadline; whatever goes wrong is a health of `fail`. */
async function readHealth(store: CacheStore, timers: Timers, deadline: Deadline): Promise<StoreHealth> {
  const startedAt = timers.elapsed();
  const { promise, resolve, reject } = Promise.withResolvers<StoreHealth>();
  const waiting = deadline.begin(startedAt, () => reject(toTimeout(deadline)));
  store.health().then(resolve, reject);
  try {
    return await promise;
  } catch (error) {
    const detail = error instanceof Error ? error.message : String(error);
    return { status: 'fail', provider: store.provider, detail, latencyMs: timers.elapsed() - startedAt };
  } finally {
    deadline.end(waiting);
  }
}
