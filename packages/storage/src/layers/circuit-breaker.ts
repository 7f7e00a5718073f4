import type { Timers } from './timers.ts';

/** `closed`: calls go through. `open`: none do. `half-open`: none do, and a probe finds out whether they could. */
export type BreakerState = 'closed' | 'open' | 'half-open';

/** Keeps calls away from a store that fails again and again. */
export interface CircuitBreaker {
  readonly state: BreakerState;
  /** To be told of every call that worked. */
  succeed(): void;
  /** To be told of every call that failed. */
  fail(): void;
  /** Probes an open one at once, and tells nothing unless that works. For who has something to mend in the store. */
  probe(): Promise<void>;
  /** Ends it; no probe is made any more. */
  stop(): void;
}

/** What {@link createCircuitBreaker} needs. */
export interface CircuitBreakerOptions {
  readonly timers: Timers;
  /** How many failures in a row open it. */
  readonly failures: number;
  /** How long it stays open before it probes, in milliseconds. */
  readonly breakMs: number;
  /** Says whether the store works. Must not throw. */
  readonly probe: () => Promise<boolean>;
  readonly onState: (state: BreakerState) => void;
}

/**
 * Creates a closed circuit breaker.
 *
 * It probes by itself, in the background: no caller's call is spent on a store that may still be out, and none waits for the
 * outcome of another.
 */
export function createCircuitBreaker(options: CircuitBreakerOptions): CircuitBreaker {
  const { timers, failures, breakMs, probe, onState } = options;
  let state: BreakerState = 'closed';
  let failuresInRow = 0;
  let isStopped = false;
  let callOff = (): void => undefined;
  const enter = (next: BreakerState) => {
    state = next;
    onState(next);
  };
  const open = () => {
    callOff = timers.after(breakMs, () => void halfOpen());
    enter('open');
  };
  const close = () => {
    failuresInRow = 0;
    enter('closed');
  };
  const halfOpen = async () => {
    enter('half-open');
    const isBack = await probe();
    if (!isStopped) {
      (isBack ? close : open)();
    }
  };
  return {
    get state() {
      return state;
    },
    succeed: () => {
      failuresInRow = 0;
    },
    fail: () => {
      failuresInRow += 1;
      if (state === 'closed' && failuresInRow >= failures && !isStopped) {
        open();
      }
    },
    probe: async () => {
      if (state === 'open' && (await probe()) && state === 'open' && !isStopped) {
        callOff();
        close();
      }
    },
    stop: () => {
      isStopped = true;
      callOff();
    },
  };
}
