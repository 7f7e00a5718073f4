import type { Timers } from '../layers/timers.ts';
import { createManualClock, type ManualClock } from './manual-clock.ts';

/** Timers that stand still until they are told to move. */
export interface ManualTimers extends ManualClock, Timers {
  /**
   * Moves the time forward by `ms` milliseconds, from ring to ring in the order they are due, and lets what waits for
   * each go on as far as it can before the next. `pass(0)` only lets it go on.
   */
  pass(ms: number): Promise<void>;
}

interface Ring {
  readonly at: number;
  readonly ring: () => void;
}

/** Lets everything go on that waits for no timer. */
const settle = async () => new Promise<void>((resolve) => setImmediate(resolve));

/** Creates manual timers that start at `startMs` (default 2026-01-01T00:00:00Z). `advance` moves the clock and rings nothing. */
export function createManualTimers(startMs?: number): ManualTimers {
  const clock = createManualClock(startMs);
  const rings = new Set<Ring>();
  const nextBefore = (end: number): Ring | undefined => {
    let next: Ring | undefined;
    for (const ring of rings) {
      next = ring.at <= end && (next === undefined || ring.at < next.at) ? ring : next;
    }
    return next;
  };
  return {
    ...clock,
    elapsed: () => clock.now(),
    after: (ms, ring) => {
      const entry = { at: clock.now() + ms, ring };
      rings.add(entry);
      return () => {
        rings.delete(entry);
      };
    },
    pass: async (ms) => {
      const end = clock.now() + ms;
      await settle();
      for (let next = nextBefore(end); next !== undefined; next = nextBefore(end)) {
        rings.delete(next);
        clock.advance(Math.max(0, next.at - clock.now()));
        next.ring();
        await settle();
      }
      clock.advance(Math.max(0, end - clock.now()));
      await settle();
    },
  };
}
