import { type CallOptions, type JsonInput, type JsonValue, StorageError } from '@sorcha/storage';
import { checkCacheKey, checkSignal, checkTtlMs, createSingleFlight } from '@sorcha/storage/provider';
import type { SendOptions } from './connection/link.ts';
import type { Command } from './connection/open-session.ts';
import { readReplyCode } from './connection/to-storage-error.ts';
import type { RedisCacheSettings } from './redis-cache-options.ts';
import type { Router } from './routing/router.ts';
import { runScript } from './run-script.ts';
import type { Script } from './scripts.ts';
import { decodeValue } from './values/decode-value.ts';
import { encodeValue } from './values/encode-value.ts';

/** Commands that change nothing. */
export const READ = { isWrite: false } as const;
/** Commands that change something. */
export const WRITE = { isWrite: true } as const;
/** Codes that a call has when the store failed, not the caller. */
const FAILURES: ReadonlySet<string> = new Set(['UNAVAILABLE', 'TIMEOUT', 'OUTCOME_UNKNOWN']);

/** What the calls of the store are made of. */
export type StoreCore = ReturnType<typeof createStoreCore>;

/** Creates the core of a store: checks, counts, and the ways to the servers. */
export function createStoreCore(settings: RedisCacheSettings, router: Router) {
  const { keySpace, maxValueBytes } = settings;
  const counts = { hits: 0, misses: 0, errors: 0, sets: 0, removals: 0, evictions: 0 };
  const core = {
    settings,
    router,
    counts,
    /** The calls of factories under way. */
    flights: createSingleFlight<JsonValue>(),
    isClosed: false,
    unreadable: 0,
    /** What every call checks first. */
    enter: (call: CallOptions | undefined): void => {
      if (core.isClosed) {
        throw new StorageError('CLOSED', 'The cache is closed; open it again.');
      }
      checkSignal(call);
    },
    /** As `enter`, for a call about one key; returns the key in Redis. */
    enterKey: (key: string, call: CallOptions | undefined): string => {
      core.enter(call);
      return keySpace.toStored(checkCacheKey(key));
    },
    /** The time to live of what a call writes, in milliseconds. */
    ttlOf: (call: { readonly ttlMs?: number } | undefined): number => {
      const { ttlMs = settings.ttlMs } = call ?? {};
      return checkTtlMs(ttlMs);
    },
    /**
     * The error of a call that the servers failed; counts it, unless the caller or a closed store is the reason. `CLOSED` says
     * that nothing was done, so a write that was sent keeps its unknown outcome.
     */
    toFailure: (error: unknown, call: CallOptions | undefined): unknown => {
      const isUnknown = error instanceof StorageError && error.code === 'OUTCOME_UNKNOWN';
      if (core.isClosed && !isUnknown) {
        return new StorageError('CLOSED', 'The cache was closed during the call; open it again.', { cause: error });
      }
      const isFailure = error instanceof StorageError && FAILURES.has(error.code) && call?.signal?.aborted !== true;
      counts.errors += Number(isFailure);
      return error;
    },
    run: async (stored: string, script: Script, args: readonly (string | Buffer)[], call: CallOptions | undefined) => {
      const send = async (command: Command, options: SendOptions) => router.send(stored, command, options);
      try {
        const options = toSendOptions(script.isWrite ? WRITE : READ, call);
        return await runScript(send, { script, keys: [stored], args }, options);
      } catch (error) {
        throw core.toFailure(error, call);
      }
    },
    /** The entry in what Redis holds; counts what cannot be read. */
    decode: (held: unknown): JsonValue | undefined => {
      if (!(held instanceof Buffer)) {
        return undefined;
      }
      const decoded = decodeValue(held, maxValueBytes);
      if (decoded.kind === 'entry') {
        return decoded.value;
      }
      core.unreadable += Number(decoded.kind === 'unreadable');
      return undefined;
    },
    encode: (value: JsonInput, key: string): string | Buffer => encodeValue(value, key, settings),
    /** Counts a read, and passes its result on. */
    count: <T>(found: T | undefined): T | undefined => {
      counts[found === undefined ? 'misses' : 'hits'] += 1;
      return found;
    },
    /** What a read that failed gives: nothing when the key holds no string at all but somebody else's data. */
    readFailed: (error: unknown, call: CallOptions | undefined): undefined => {
      if (error instanceof StorageError && readReplyCode(error.cause) === 'WRONGTYPE') {
        core.unreadable += 1;
        return undefined;
      }
      throw core.toFailure(error, call);
    },
  };
  return core;
}

/** The options of a command for a call. */
export function toSendOptions(options: SendOptions, call: CallOptions | undefined): SendOptions {
  return call?.signal === undefined ? options : { ...options, signal: call.signal };
}
