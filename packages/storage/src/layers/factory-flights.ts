import { cloneJson } from '../checks/copy-json.ts';
import { type KeyPattern, matchesKeyPattern } from '../checks/key-pattern.ts';
import type { Clock } from '../clock.ts';
import type { JsonValue } from '../json-value.ts';
import { waitWithSignal } from '../memory/wait-with-signal.ts';
import type { KeptEntry } from './grace-envelope.ts';
import type { HotCore } from './hot-core.ts';
import { type Answer, giveBack, type Making, makeValue, type Order, type Progress, TAKE_STALE } from './make-value.ts';

/** The making of a value that callers can join. */
interface Flight {
  readonly progress: Progress;
  readonly making: Making;
  /** The moment in which it began, as `now` counts. */
  readonly startedAt: number;
  /** The moment in which its value was sent to the store. */
  sentAt: number;
  /** The value is given to more than one, so each gets a copy. */
  isShared: boolean;
}

/** What a caller gets. */
export interface Arrival {
  readonly value: JsonValue;
  readonly isStale: boolean;
  /** Whether the caller should read the store again: the value may be older than what was there when it asked. */
  readonly isTooOld: boolean;
}

/** The values that are being made, one per key that can be joined. */
export interface FactoryFlights {
  /**
   * Makes the value of a key, together with whoever does so already.
   *
   * @param order.arrivedAt what `now` said when the caller asked.
   * @param stale the value in its time of grace that the caller has read.
   * @param signal ends the wait of this caller.
   */
  join(
    order: Order & { readonly arrivedAt: number },
    stale: KeptEntry | undefined,
    signal: AbortSignal | undefined,
  ): Promise<Arrival>;
  /** Counts moments: how many flights have begun, and values were sent, until now. Tells what was before from what was after. */
  now(): number;
  /** The key is changed now: what is under way is older. */
  cut(key: string): void;
  /** As `cut`, for all keys that match; without a pattern for all keys. */
  cutMatching(pattern?: KeyPattern): void;
}

/** Creates an empty set of flights. */
export function createFactoryFlights(core: HotCore): FactoryFlights {
  const { counts, settings } = core;
  const { timers, factoryPauseMs } = settings;
  const flights = new Map<string, Flight>();
  let moment = 0;
  const cut = (key: string) => {
    const flight = flights.get(key);
    if (flight !== undefined) {
      flight.progress.isCut = true;
      flights.delete(key);
    }
  };
  const leaveAfter = async (key: string, flight: Flight, hasStale: boolean) => {
    await flight.making.end;
    const leave = () => {
      if (flights.get(key) === flight) {
        flights.delete(key);
      }
    };
    if (flight.progress.hasFailed && hasStale && factoryPauseMs > 0) {
      timers.after(factoryPauseMs, leave);
    } else {
      leave();
    }
  };
  const start = (order: Order, hasStale: boolean): Flight => {
    const { key } = order;
    const flight = takeOff(core, order, () => ++moment);
    flights.set(key, flight);
    void leaveAfter(key, flight, hasStale);
    return flight;
  };
  /** The flight that can be joined. One that took too long makes way, and so does one that has failed and has nothing to give. */
  const findOpen = (key: string, hasStale: boolean): Flight | undefined => {
    const flight = flights.get(key);
    const isOpen = flight?.progress.isOver !== true && (hasStale || flight?.progress.hasFailed !== true);
    if (flight === undefined || isOpen) {
      return flight;
    }
    cut(key);
    giveBack(core, key, flight.progress);
    return undefined;
  };
  return {
    join: async (order, stale, signal) => {
      const joined = findOpen(order.key, stale !== undefined);
      if (joined !== undefined) {
        joined.isShared = true;
        counts.joined += 1;
      }
      const flight = joined ?? start(order, stale !== undefined);
      const answer = await waitForAnswer(flight.making, stale, signal, timers);
      if (answer === TAKE_STALE) {
        return { value: stale?.value ?? null, isStale: true, isTooOld: false };
      }
      const value = flight.isShared ? cloneJson(answer.value) : answer.value;
      // Whoever asked before the making began, or before a value was sent that the store took, gets nothing older than its question.
      const newAt = answer.isUnconfirmed ? flight.startedAt : flight.sentAt;
      return { value, isStale: false, isTooOld: newAt <= order.arrivedAt };
    },
    now: () => moment,
    cut,
    cutMatching: (pattern) => {
      for (const key of flights.keys()) {
        if (pattern === undefined || matchesKeyPattern(pattern, key)) {
          cut(key);
        }
      }
    },
  };
}

/** Begins to make a value. */
function takeOff(core: HotCore, order: Order, nextMoment: () => number): Flight {
  const startedAt = nextMoment();
  const onSend = () => {
    flight.sentAt = nextMoment();
  };
  const progress: Progress = { isCut: false, isOver: false, hasFailed: false, token: undefined, onSend };
  const making = makeValue(core, order, progress);
  const flight: Flight = { progress, making, startedAt, sentAt: Number.POSITIVE_INFINITY, isShared: false };
  return flight;
}

/** What a caller gets of a flight: the answer, or the advice to take what it has, if that may still be served. */
async function waitForAnswer(
  making: Making,
  stale: KeptEntry | undefined,
  signal: AbortSignal | undefined,
  clock: Clock,
): Promise<Answer | typeof TAKE_STALE> {
  if (stale === undefined) {
    return waitWithSignal(making.answer, signal);
  }
  const answer = await waitWithSignal(making.answerOrStale, signal);
  return answer === TAKE_STALE && stale.goneAt <= clock.now() ? waitWithSignal(making.answer, signal) : answer;
}
