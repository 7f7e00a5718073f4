import type { Clock } from '../clock.ts';
import { systemClock } from '../clock.ts';

/** A clock that also measures and rings, so that tests can move all three by hand. */
export interface Timers extends Clock {
  /** Milliseconds since some moment, with fractions. Only grows, also when the clock of the machine is set. */
  elapsed(): number;
  /**
   * Calls `ring` once after `ms` milliseconds, and after what has arrived from the network by then was read: a process that was
   * busy for a while takes no answer for lost. Returns what calls it off. Keeps no process running.
   */
  after(ms: number, ring: () => void): () => void;
}

/** The machine's timers. */
export const systemTimers: Timers = {
  now: () => systemClock.now(),
  elapsed: () => performance.now(),
  after: (ms, ring) => {
    let turn: NodeJS.Immediate | undefined;
    // Timers come before the network in a turn of the event loop, immediates after it.
    const wait = setTimeout(() => {
      turn = setImmediate(ring);
    }, ms).unref();
    return () => {
      clearTimeout(wait);
      clearImmediate(turn);
    };
  },
};
