import type { Clock } from '../clock.ts';
import { systemClock } from '../clock.ts';

/** A clock that also measures and rings, so that tests can move all three by hand. */
export interface Timers extends Clock {
  /** Milliseconds since some moment, with fractions. Only grows, also when the clock of the machine is set. */
  elapsed(): number;
  /** Calls `ring` once after `ms` milliseconds; returns what calls it off. Keeps no process running. */
  after(ms: number, ring: () => void): () => void;
}

/** The machine's timers. */
export const systemTimers: Timers = {
  now: () => systemClock.now(),
  elapsed: () => performance.now(),
  after: (ms, ring) => {
    const timer = setTimeout(ring, ms).unref();
    return () => clearTimeout(timer);
  },
};
