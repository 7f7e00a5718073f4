import type { Timers } from './timers.ts';

/** A call that has to be answered in time; a place in the line of those. */
export interface Waiting {
  readonly dueAt: number;
  readonly giveUp: () => void;
  previous: Waiting | undefined;
  next: Waiting | undefined;
  hasEnded: boolean;
}

/** Ends the wait for calls that take too long. All of them have the same time. */
export interface Deadline {
  /** That time, in milliseconds. */
  readonly ms: number;
  /** How many calls have begun to wait and not ended. */
  readonly size: number;
  /**
   * Begins to wait.
   *
   * @param startedAt when the call began, as `Timers.elapsed` says; no earlier than that of calls that began before.
   * @param giveUp is called when nothing ended the wait in time.
   */
  begin(startedAt: number, giveUp: () => void): Waiting;
  /** Ends the wait; says whether it was in time. */
  end(waiting: Waiting): boolean;
}

/**
 * Creates a deadline of `ms` milliseconds for any number of calls.
 *
 * The call that came first is due first: they stand in line, and one timer watches the head of the line. A call that is
 * answered in time costs no timer of its own.
 *
 * The line is a list of links and no `Set`: that one links the tables it outgrew, and a link from something dead but old keeps
 * all that is younger alive until the whole heap is swept. Here a call that has left is linked to nothing.
 */
export function createDeadline(timers: Timers, ms: number): Deadline {
  let head: Waiting | undefined;
  let tail: Waiting | undefined;
  let size = 0;
  let isWatched = false;
  const leave = (waiting: Waiting) => {
    const { previous, next } = waiting;
    if (previous === undefined) {
      head = next;
    } else {
      previous.next = next;
    }
    if (next === undefined) {
      tail = previous;
    } else {
      next.previous = previous;
    }
    waiting.previous = undefined;
    waiting.next = undefined;
    waiting.hasEnded = true;
    size -= 1;
  };
  const watch = (after: number) => {
    isWatched = true;
    timers.after(after, () => {
      isWatched = false;
      const now = timers.elapsed();
      for (let first = head; first !== undefined && first.dueAt <= now; first = head) {
        leave(first);
        first.giveUp();
      }
      if (head !== undefined && !isWatched) {
        // Timers of the machine ring up to a millisecond early.
        watch(Math.max(1, head.dueAt - now));
      }
    });
  };
  return {
    ms,
    get size() {
      return size;
    },
    begin: (startedAt, giveUp) => {
      const waiting: Waiting = { dueAt: startedAt + ms, giveUp, previous: tail, next: undefined, hasEnded: false };
      if (tail === undefined) {
        head = waiting;
      } else {
        tail.next = waiting;
      }
      tail = waiting;
      size += 1;
      if (!isWatched) {
        watch(ms);
      }
      return waiting;
    },
    end: (waiting) => {
      const isInTime = !waiting.hasEnded;
      if (isInTime) {
        leave(waiting);
      }
      return isInTime;
    },
  };
}
