import { checkCacheKey, checkTtlMs } from '../checks/check-cache-entry.ts';
import { checkWholeNumber } from '../checks/check-whole-number.ts';
import { copyJson } from '../checks/copy-json.ts';
import { matchesKeyPattern, parseKeyPattern } from '../checks/key-pattern.ts';
import { createMemoryCacheStore } from '../memory/memory-cache-store.ts';
import { waitWithSignal } from '../memory/wait-with-signal.ts';
import { StorageError } from '../storage-error.ts';
import type { FactoryFlights } from './factory-flights.ts';
import { toEnvelope } from './grace-envelope.ts';
import type { HotCache } from './hot-cache.ts';
import { checkGraceMs, toKeptMs } from './hot-cache-options.ts';
import { type HotCore, untilGivenUp } from './hot-core.ts';
import { isOutage, NOT_DONE, type Outage } from './outage.ts';

/** How many counters are kept while the store is out. */
const COUNTERS_ALONE = 10_000;

/** The calls of a hot cache that change one key. What the store does not confirm is remembered. */
export function createHotChanges(core: HotCore, flights: FactoryFlights): Pick<HotCache, 'set' | 'remove'> {
  const { counts, distrust, lanes, settings, store } = core;
  const { timers } = settings;
  const send = async <T>(key: string, call: () => Promise<T>): Promise<T | Outage> => {
    const mark = distrust.markOf(key);
    const answer = distrust.isSettled(key, timers.elapsed()) ? await core.write(key, call) : NOT_DONE;
    if (isOutage(answer)) {
      counts.outages += 1;
      core.distrustKey(key, answer);
    } else if (mark !== undefined) {
      distrust.drop(mark);
    }
    return answer;
  };
  /** Whoever reads through a factory that began before the change is done reads something older. */
  const change = async <T>(key: string, call: () => Promise<T>): Promise<T | Outage> => {
    flights.cut(key);
    try {
      return await send(key, call);
    } finally {
      flights.cut(key);
    }
  };
  return {
    set: async (key, value, call) => {
      core.enter(checkCacheKey, key, call);
      const ttlMs = core.toTtlMs(call?.ttlMs === undefined ? settings.ttlMs : checkTtlMs(call.ttlMs));
      const graceMs = checkGraceMs(call?.graceMs ?? settings.graceMs);
      const mustBeCopied = graceMs > 0 || typeof value === 'string' || lanes.isBusy(key);
      const stored = mustBeCopied ? toEnvelope(copyJson(value, key), timers.now() + ttlMs, graceMs) : value;
      const written = change(key, async () => store.set(key, stored, { ttlMs: toKeptMs(ttlMs, graceMs) }));
      if (isOutage(await waitWithSignal(written, call?.signal))) {
        // What cannot be kept is refused during an outage, too.
        copyJson(value, key);
      } else {
        counts.sets += 1;
      }
    },
    remove: async (key, call) => {
      core.enter(checkCacheKey, key, call);
      const removed = change(key, async () => store.remove(key));
      const isRemoved = (await waitWithSignal(removed, call?.signal)) === true;
      counts.removals += Number(isRemoved);
      return isRemoved;
    },
  };
}

/** Removing by pattern. */
export function createPatternRemoval(core: HotCore, flights: FactoryFlights): HotCache['removeByPattern'] {
  const { counts, distrust, guard, lanes, mender, store } = core;
  return async (pattern, call) => {
    const parsed = core.enter(parseKeyPattern, pattern, call);
    const remove = async () => {
      flights.cutMatching(parsed);
      const answer = await untilGivenUp(
        async () => store.removeByPattern(pattern),
        async (inTime) =>
          guard.askLong(async () => {
            await lanes.whenFree(lanes.keys().filter((key) => matchesKeyPattern(parsed, key)));
            return inTime();
          }),
      );
      flights.cutMatching(parsed);
      if (isOutage(answer) && !core.isClosed) {
        distrust.addPattern(pattern);
        mender.schedule();
      }
      return answer;
    };
    const removed = await waitWithSignal(remove(), call?.signal);
    counts.outages += Number(isOutage(removed));
    counts.removals += isOutage(removed) ? 0 : removed;
    return isOutage(removed) ? 0 : removed;
  };
}

/** Counting. Unlike other changes, a count that the store did not confirm cannot be made up for: the caller is told. */
export function createCounting(core: HotCore, flights: FactoryFlights): HotCache['increment'] {
  const { counts, distrust, guard, lanes, listeners, settings, store } = core;
  const alone = createMemoryCacheStore({ maxEntries: COUNTERS_ALONE, clock: settings.timers });
  listeners.add(({ kind }) => {
    if (kind === 'outage-ended') {
      void alone.removeByPattern('**');
    }
  });
  const count = async (key: string, options: { readonly by: number; readonly ttlMs: number }) => {
    flights.cut(key);
    try {
      return distrust.isTrusted(key)
        ? await untilGivenUp(
            async () => store.increment(key, options),
            async (inTime) => guard.ask(async () => lanes.follow(key, inTime)),
          )
        : NOT_DONE;
    } finally {
      flights.cut(key);
    }
  };
  return async (key, call) => {
    core.enter(checkCacheKey, key, call);
    const by = checkWholeNumber(call?.by === undefined ? 1 : call.by, 'by', { min: Number.MIN_SAFE_INTEGER });
    const ttlMs = call?.ttlMs === undefined ? settings.ttlMs : checkTtlMs(call.ttlMs);
    const answer = await waitWithSignal(count(key, { by, ttlMs }), call?.signal);
    if (!isOutage(answer)) {
      counts.sets += 1;
      return answer;
    }
    counts.outages += 1;
    if (settings.countDuringOutage === 'alone') {
      return alone.increment(key, { by, ttlMs });
    }
    throw answer === NOT_DONE
      ? new StorageError('UNAVAILABLE', `"${key}" was not counted: the store is out. Try again later.`)
      : new StorageError('OUTCOME_UNKNOWN', `"${key}" may have been counted: the store did not say. Read it back.`);
  };
}
