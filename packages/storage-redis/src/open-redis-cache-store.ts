import { randomBytes } from 'node:crypto';
import type {
  CacheStore,
  CacheWriteOptions,
  CallOptions,
  CoordinatedCacheStore,
  JsonInput,
  JsonValue,
} from '@sorcha/storage';
import { StorageError } from '@sorcha/storage';
import {
  checkWholeNumber,
  copyJson,
  matchesKeyPattern,
  parseKeyPattern,
  waitWithSignal,
} from '@sorcha/storage/provider';
import { checkHealth } from './check-health.ts';
import type { LinkStatus } from './connection/link.ts';
import { createCoordination } from './create-coordination.ts';
import { createInvalidations } from './invalidations.ts';
import { openRouter } from './open-router.ts';
import { checkOptions, type RedisCacheOptions } from './redis-cache-options.ts';
import type { Router } from './routing/router.ts';
import { increment, lease, release, remove, setIfLeased } from './scripts.ts';
import { createStoreCore, READ, type StoreCore, toSendOptions, WRITE } from './store-core.ts';
import { sweepKeys } from './sweep-keys.ts';
import { isEntryHead } from './values/value-format.ts';

/** How long a factory of `getOrSet` may take so that its value is still written, in milliseconds. */
const FACTORY_LEASE_MS = 60_000;

/** What can be said of a Redis cache beyond `statistics`. */
export interface RedisCacheReport {
  /** Reads of keys that held no entry of this version: foreign, newer or damaged. They count as misses, too. */
  readonly unreadable: number;
  /** The servers that have keys: `up`; `stalled`: connected and silent; `down` and `starting`: not connected. */
  readonly servers: readonly {
    readonly address: string;
    readonly version: string | undefined;
    readonly status: LinkStatus;
    readonly reconnects: number;
  }[];
}

/** A cache on Redis. `evictions` is always 0: Redis evicts on its own account and counts for the whole server. */
export interface RedisCacheStore extends CoordinatedCacheStore {
  report(): RedisCacheReport;
}

/**
 * Opens a cache on one Redis server (6.2 or later, or what greets as such) or on a Redis Cluster.
 *
 * Proves first that the server can do what the store needs, with this user. Later losses are mended in the background;
 * meanwhile calls fail at once. A write that was sent and not answered fails with `OUTCOME_UNKNOWN`. It takes effect before
 * every call that is made after the server answers again, or never.
 *
 * @throws StorageError `INVALID`: an option, the password, a missing right; `UNAVAILABLE`: the server cannot be reached or
 * written; `INCOMPATIBLE_SERVER`: it is too old, of another kind (cluster or not), or no Redis.
 */
export async function openRedisCacheStore(options: RedisCacheOptions): Promise<RedisCacheStore> {
  const settings = checkOptions(options);
  const opened: { router?: Router } = {};
  const invalidations = createInvalidations(settings.keySpace, () => opened.router);
  const { onChange, onStatus } = invalidations;
  const router = await openRouter(settings, { onChange, onStatus });
  opened.router = router;
  const core = createStoreCore(settings, router);
  return {
    ...createCacheStore(core),
    ...createCoordination(core, invalidations),
    report: () => toReport(core),
    close: async () => {
      core.isClosed = true;
      invalidations.close();
      for (const key of core.flights.keys()) {
        core.flights.cut(key);
      }
      await core.router.close();
    },
  };
}

function createCacheStore(core: StoreCore): Omit<CacheStore, 'close'> {
  const { settings, router, counts, flights, enterKey } = core;
  return {
    provider: 'redis',
    // Reads by itself: one promise less for the call that is made most.
    get: async <V extends JsonInput>(key: string, call?: CallOptions) => {
      const stored = enterKey(key, call);
      let held: unknown;
      try {
        held = await router.send(stored, ['GET', stored], toSendOptions(READ, call));
      } catch (error) {
        held = core.readFailed(error, call);
      }
      // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- the caller says of which type it is
      return core.count(core.decode(held)) as V | undefined;
    },
    set: async (key, value, call) => {
      const stored = enterKey(key, call);
      const ttlMs = core.ttlOf(call);
      const entry = core.encode(value, key);
      flights.cut(key);
      try {
        await router.send(stored, ['SET', stored, entry, 'PX', String(ttlMs)], toSendOptions(WRITE, call));
      } catch (error) {
        throw core.toFailure(error, call);
      }
      counts.sets += 1;
    },
    remove: async (key, call) => {
      const stored = enterKey(key, call);
      flights.cut(key);
      const removed = (await core.run(stored, remove, [], call)) === 1;
      counts.removals += Number(removed);
      return removed;
    },
    exists: async (key, call) => {
      const stored = enterKey(key, call);
      const head = await read(core, ['GETRANGE', stored, '0', '0'], call);
      return head instanceof Buffer && isEntryHead(head[0]);
    },
    getOrSet: async <V extends JsonInput>(key: string, factory: () => V | Promise<V>, call?: CacheWriteOptions) => {
      const stored = enterKey(key, call);
      core.ttlOf(call);
      const found = core.count(core.decode(await read(core, ['GET', stored], call)));
      const value =
        found === undefined ? await waitWithSignal(makeEntry(core, key, factory, call), call?.signal) : found;
      // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- the caller says of which type it is
      return copyJson(value, key) as V;
    },
    removeByPattern: async (pattern, call) => removeByPattern(core, pattern, call),
    increment: async (key, call) => {
      const stored = enterKey(key, call);
      const { by = 1 } = call ?? {};
      checkWholeNumber(by, 'by', { min: Number.MIN_SAFE_INTEGER });
      const ttlMs = core.ttlOf(call);
      flights.cut(key);
      const reply = await core.run(stored, increment, [String(by), String(ttlMs)], call);
      if (!(reply instanceof Buffer)) {
        const problem = 'it is no integer or would leave their range';
        throw new StorageError('INVALID', `"${key}" cannot be counted by ${by}: ${problem}.`);
      }
      counts.sets += 1;
      return Number(reply.toString());
    },
    statistics: () => ({ ...counts }),
    health: async (call) => {
      if (core.isClosed) {
        return { status: 'fail', provider: 'redis', detail: 'The cache is closed; open it again.', latencyMs: 0 };
      }
      return checkHealth(router, settings.keySpace, call?.signal);
    },
  };
}

/** Reads with a command whose first argument is the key. */
async function read(core: StoreCore, command: readonly [string, string, ...string[]], call: CallOptions | undefined) {
  try {
    return await core.router.send(command[1], command, toSendOptions(READ, call));
  } catch (error) {
    return core.readFailed(error, call);
  }
}

/**
 * Asks the factory, once for all who wait in this process, and writes what it made. A lease keeps out what was made from a
 * source that has changed meanwhile: every write of the key ends it. While another process has the lease, it is that one
 * which writes.
 */
async function makeEntry(
  core: StoreCore,
  key: string,
  factory: () => JsonInput | Promise<JsonInput>,
  call: CacheWriteOptions | undefined,
): Promise<JsonValue> {
  const stored = core.settings.keySpace.toStored(key);
  const ttlMs = core.ttlOf(call);
  const start = async (): Promise<JsonValue> => {
    const token = randomBytes(16).toString('hex');
    const answer = await core.run(stored, lease, [token, String(FACTORY_LEASE_MS)], undefined);
    const isLeased = Array.isArray(answer) && answer[0] === 1;
    const endLease = async () => core.run(stored, release, [token], undefined).catch(() => undefined);
    try {
      const value = copyJson(await factory(), key);
      const entry = core.encode(value, key);
      if (isLeased && (await core.run(stored, setIfLeased, [token, entry, String(ttlMs)], undefined)) === 1) {
        core.counts.sets += 1;
      }
      return value;
    } catch (error) {
      if (isLeased) {
        await endLease();
      }
      throw error;
    }
  };
  return core.flights.join(key, start, () => undefined);
}

async function removeByPattern(core: StoreCore, pattern: string, call: CallOptions | undefined): Promise<number> {
  const { settings, router, flights } = core;
  core.enter(call);
  const parsed = parseKeyPattern(pattern);
  for (const key of flights.keys()) {
    if (matchesKeyPattern(parsed, key)) {
      flights.cut(key);
    }
  }
  const { keySpace, sweepDeadlineMs: deadlineMs } = settings;
  const sweep = sweepKeys({ router, keySpace, pattern: parsed, deadlineMs, signal: call?.signal });
  try {
    const removed = await sweep;
    core.counts.removals += removed;
    return removed;
  } catch (error) {
    throw core.toFailure(error, call);
  }
}

function toReport({ unreadable, router }: StoreCore): RedisCacheReport {
  const servers = router.masters().map(({ address, greeting, status, reconnects }) => {
    return { address, version: greeting?.version, status, reconnects };
  });
  return { unreadable, servers };
}
