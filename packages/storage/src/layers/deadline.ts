import { StorageError } from '../storage-error.ts';
import type { Timers } from './timers.ts';

/** A call that has to be answered in time. */
export interface Waiting {
  readonly dueAt: number;
  readonly giveUp: (error: StorageError) => void;
  hasEnded: boolean;
}

/** Ends the wait for calls that take too long. */
export interface Deadline {
  /**
   * Begins to wait.
   *
   * @param startedAt when the call began, as `Timers.elapsed` says; no earlier than that of calls that began before.
   * @param giveUp is given a `TIMEOUT` when the deadline has passed.
   */
  begin(startedAt: number, giveUp: (error: StorageError) => void): Waiting;
  /** Ends the wait; says whether it was in time. */
  end(waiting: Waiting): boolean;
}

/** How long the line may at least get before those who left are taken out. */
const SHORT_LINE = 64;

/**
 * Creates a deadline of `ms` milliseconds for any number of calls.
 *
 * All calls have the same time, so the one that came first is due first: they stand in line, and one timer watches the
 * head of the line. A call that is answered in time costs no timer of its own. It leaves the line when the line has grown
 * to twice its length, so that a call costs as little as it can.
 */
export function createDeadline(timers: Timers, ms: number): Deadline {
  let line: Waiting[] = [];
  let longest = SHORT_LINE;
  let isWatched = false;
  const tidy = () => {
    line = line.filter(({ hasEnded }) => !hasEnded);
    longest = Math.max(SHORT_LINE, 2 * line.length);
  };
  const watch = (after: number) => {
    isWatched = true;
    timers.after(after, () => {
      isWatched = false;
      const now = timers.elapsed();
      const isDue = ({ dueAt, hasEnded }: Waiting) => !hasEnded && dueAt <= now;
      const late = line.filter(isDue);
      for (const waiting of late) {
        waiting.hasEnded = true;
      }
      tidy();
      const [next] = line;
      if (next !== undefined) {
        // Timers of the machine ring up to a millisecond early.
        watch(Math.max(1, next.dueAt - now));
      }
      for (const { giveUp } of late) {
        giveUp(new StorageError('TIMEOUT', `The store did not answer within ${ms} ms.`));
      }
    });
  };
  return {
    begin: (startedAt, giveUp) => {
      const waiting = { dueAt: startedAt + ms, giveUp, hasEnded: false };
      if (line.length >= longest) {
        tidy();
      }
      line.push(waiting);
      if (!isWatched) {
        watch(ms);
      }
      return waiting;
    },
    end: (waiting) => {
      const isInTime = !waiting.hasEnded;
      waiting.hasEnded = true;
      return isInTime;
    },
  };
}
