/** A wait that is ended by its owner or, when that takes too long, by its deadline. */
export interface Wait {
  /** When it is due, as `performance.now` says. */
  readonly dueAt: number;
  /** Is called when nothing ended it in time. */
  readonly onExpire: () => void;
}

/** Ends the waits that take too long. All of them have the same time. */
export interface Deadlines {
  /** Begins a wait. */
  begin(onExpire: () => void): Wait;
  /** Ends a wait; does nothing when it has ended. */
  end(wait: Wait): void;
  /** How many waits have begun and not ended. */
  readonly size: number;
}

/**
 * Creates a deadline of `ms` milliseconds for any number of calls.
 *
 * The call that came first is due first: they stand in line, and one timer watches the head of the line. A call that is
 * answered in time costs no timer of its own. Replies that have arrived already are read before anything expires, so a
 * process that was busy for a while does not take them for lost.
 */
export function createDeadlines(ms: number): Deadlines {
  return new DeadlineLine(ms);
}

/** A place in the line. */
class Place implements Wait {
  previous: Place | undefined;
  next: Place | undefined;
  readonly dueAt: number;
  readonly onExpire: () => void;

  constructor(dueAt: number, onExpire: () => void) {
    this.dueAt = dueAt;
    this.onExpire = onExpire;
  }
}

/**
 * A list and not a `Set`: that one links the tables it outgrew, and a link from something dead but old keeps all that is
 * younger alive until the whole heap is swept. Here a place that is left is linked to nothing.
 */
class DeadlineLine implements Deadlines {
  readonly #ms: number;
  #head: Place | undefined;
  #tail: Place | undefined;
  #size = 0;
  #isWatched = false;

  constructor(ms: number) {
    this.#ms = ms;
  }

  get size(): number {
    return this.#size;
  }

  begin(onExpire: () => void): Wait {
    const place = new Place(performance.now() + this.#ms, onExpire);
    place.previous = this.#tail;
    if (this.#tail === undefined) {
      this.#head = place;
    } else {
      this.#tail.next = place;
    }
    this.#tail = place;
    this.#size += 1;
    if (!this.#isWatched) {
      this.#watch(this.#ms);
    }
    return place;
  }

  end(wait: Wait): void {
    if (!(wait instanceof Place) || (wait.previous === undefined && this.#head !== wait)) {
      return;
    }
    const { previous, next } = wait;
    if (previous === undefined) {
      this.#head = next;
    } else {
      previous.next = next;
    }
    if (next === undefined) {
      this.#tail = previous;
    } else {
      next.previous = previous;
    }
    wait.previous = undefined;
    wait.next = undefined;
    this.#size -= 1;
  }

  #watch(after: number): void {
    this.#isWatched = true;
    // Timers come before the network in a turn of the event loop, immediates after it.
    setTimeout(() => setImmediate(() => this.#expire()), after).unref();
  }

  #expire(): void {
    this.#isWatched = false;
    const now = performance.now();
    while (this.#head !== undefined) {
      const place = this.#head;
      if (place.dueAt > now) {
        this.#watch(Math.max(1, place.dueAt - now));
        return;
      }
      this.end(place);
      place.onExpire();
    }
  }
}
