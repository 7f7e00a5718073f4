import { checkCacheKey } from '../checks/check-cache-entry.ts';
import type { JsonInput, JsonValue } from '../json-value.ts';
import { waitWithSignal } from '../memory/wait-with-signal.ts';
import type { CallOptions } from '../ports/call-options.ts';
import type { FactoryFlights } from './factory-flights.ts';
import { sortByAge } from './grace-envelope.ts';
import type { HotCache, HotReadOptions } from './hot-cache.ts';
import { toFactoryPlan } from './hot-cache-options.ts';
import type { HotCore } from './hot-core.ts';
import type { Order } from './make-value.ts';
import { isOutage } from './outage.ts';

/** The calls of a hot cache that read. */
export function createHotReads(core: HotCore, flights: FactoryFlights): Pick<HotCache, 'get' | 'exists' | 'getOrSet'> {
  const { counts, settings } = core;
  const { timers } = settings;
  return {
    get: async <V extends JsonInput>(key: string, call?: CallOptions) => {
      core.enter(checkCacheKey, key, call);
      const stored = await waitWithSignal(core.read(key), call?.signal);
      if (isOutage(stored)) {
        counts.outages += 1;
        return undefined;
      }
      const { fresh } = sortByAge(stored, timers);
      counts[fresh === undefined ? 'misses' : 'hits'] += 1;
      // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- the caller says of which type it is
      return fresh as V | undefined;
    },
    exists: async (key, call) => {
      core.enter(checkCacheKey, key, call);
      const stored = await waitWithSignal(core.read(key), call?.signal);
      if (isOutage(stored)) {
        counts.outages += 1;
        return false;
      }
      return sortByAge(stored, timers).fresh !== undefined;
    },
    getOrSet: async <V extends JsonInput>(key: string, factory: () => V | Promise<V>, call?: HotReadOptions) => {
      core.enter(checkCacheKey, key, call);
      const order = { key, factory, plan: toFactoryPlan(settings, call) };
      // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- the caller says of which type it is
      return (await readOrMake(core, flights, order, call?.signal)) as V;
    },
  };
}

/**
 * Reads a key or makes its value.
 *
 * Every caller reads the store itself, after it was called, and only the making is shared: so what it gets is never older
 * than a change that was acknowledged before it asked, also when another process made that change. When it joined what had
 * begun before, and the store did not confirm that value as the newest, it asks once more, together with all who have to.
 */
async function readOrMake(
  core: HotCore,
  flights: FactoryFlights,
  order: Omit<Order, 'isOut'>,
  signal: AbortSignal | undefined,
): Promise<JsonValue> {
  const { counts, settings } = core;
  const arrivedAt = flights.now();
  for (let isFirst = true; ; isFirst = false) {
    const stored = await waitWithSignal(core.read(order.key), signal);
    const isOut = isOutage(stored);
    const { fresh, stale } = sortByAge(isOut ? undefined : stored, settings.timers);
    if (isFirst) {
      const kind = fresh === undefined ? 'misses' : 'hits';
      counts[isOut ? 'outages' : kind] += 1;
    }
    if (fresh !== undefined) {
      return fresh;
    }
    const arrival = await flights.join({ ...order, isOut, arrivedAt }, stale, signal);
    if (!arrival.isTooOld) {
      counts.staleServed += Number(arrival.isStale);
      return arrival.value;
    }
  }
}
