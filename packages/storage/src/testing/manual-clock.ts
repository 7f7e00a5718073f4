import type { Clock } from '../clock.ts';

/** A clock that stands still until it is told to move. */
export interface ManualClock extends Clock {
  /** Moves the time forward by `ms` milliseconds (0 or more). */
  advance(ms: number): void;
}

/** Creates a manual clock that starts at `startMs` (default 2026-01-01T00:00:00Z). */
export function createManualClock(startMs: number = Date.UTC(2026, 0, 1)): ManualClock {
  let now = startMs;
  return {
    now: () => now,
    advance(ms) {
      if (!(ms >= 0)) {
        throw new RangeError(`A clock only moves forward: ${ms} ms is not possible.`);
      }
      now += ms;
    },
  };
}
