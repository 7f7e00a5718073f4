import { type CacheStore, type CoordinatedCacheStore, type InvalidationListener, StorageError } from '@sorcha/storage';
import { systemTimers, type Timers } from '@sorcha/storage/layers';
import { redactError } from '../config/redact-secrets.ts';
import type { Secret } from '../config/secret.ts';

/** The time until the next attempt doubles from the first to the last of these, in milliseconds. */
const FIRST_PAUSE_MS = 200;
const LONGEST_PAUSE_MS = 5_000;

/** What a cache is not there for yet: it may be there later, while other errors say that the configuration is wrong. */
const LATER: ReadonlySet<string> = new Set(['UNAVAILABLE', 'TIMEOUT', 'OUTCOME_UNKNOWN']);

/** How a cache is waited for. */
export interface LateCacheOptions {
  readonly provider: string;
  /** How long the first attempt is waited for, in milliseconds. */
  readonly waitMs: number;
  /** What must not be in any message. */
  readonly secrets: readonly Secret[];
  readonly timers?: Timers;
}

/**
 * Opens a cache, or goes on without it when its server is not there: then it is tried again in the background, and calls fail with
 * `UNAVAILABLE` until it is.
 *
 * @throws what `open` throws when that says that the settings or the server are wrong.
 */
export async function openLateCacheStore(
  open: () => Promise<CacheStore>,
  options: LateCacheOptions,
): Promise<CacheStore> {
  const opening = await beginOpening(open, options);
  return opening.opened ?? createLateStore(opening, options);
}

/** As {@link openLateCacheStore}, for a cache that several processes use at once. */
export async function openLateCoordinatedStore(
  open: () => Promise<CoordinatedCacheStore>,
  options: LateCacheOptions,
): Promise<CoordinatedCacheStore> {
  const opening = await beginOpening(open, options);
  const { opened, ready } = opening;
  return (
    opened ?? {
      ...createLateStore(opening, options),
      lease: async (key, token, lease) => ready().lease(key, token, lease),
      setIfLeased: async (key, token, value, call) => ready().setIfLeased(key, token, value, call),
      release: async (key, token, call) => ready().release(key, token, call),
      getWithTtl: async (key, call) => ready().getWithTtl(key, call),
      onInvalidation: (listener) => listenLater(opening, listener),
    }
  );
}

/** A store that is being opened. */
interface Opening<S> {
  /** The store, once it is open. */
  readonly opened: S | undefined;
  /** Why it is not, as far as that is known. */
  readonly problem: Error | undefined;
  readonly isClosed: boolean;
  /** How many calls came too early. */
  readonly refused: number;
  /** The store; throws what a call that comes too early fails with. */
  readonly ready: () => S;
  /** Is told the store when it is opened; returns what ends that. */
  readonly onOpened: (listener: (store: S) => void) => () => void;
  readonly close: () => Promise<void>;
}

interface State<S> {
  opened: S | undefined;
  problem: Error | undefined;
  isClosed: boolean;
  refused: number;
  callOff: () => void;
}

/** Makes the first attempt, and goes on in the background when it fails for now or takes too long. */
async function beginOpening<S extends CacheStore>(
  open: () => Promise<S>,
  { waitMs, secrets, timers = systemTimers }: LateCacheOptions,
): Promise<Opening<S>> {
  const listeners = new Set<(store: S) => void>();
  const state: State<S> = {
    opened: undefined,
    problem: undefined,
    isClosed: false,
    refused: 0,
    callOff: () => undefined,
  };
  const adopt = async (opened: S): Promise<void> => {
    if (state.isClosed) {
      await opened.close();
      return;
    }
    state.opened = opened;
    listeners.forEach((listener) => {
      listener(opened);
    });
  };
  const follow = (attempt: Promise<S>, pauseMs: number): void => {
    attempt.then(adopt).catch((error: unknown) => {
      state.problem = redactError(error, secrets);
      if (!state.isClosed) {
        const again = () => follow(open(), Math.min(pauseMs * 2, LONGEST_PAUSE_MS));
        state.callOff = timers.after(pauseMs, again);
      }
    });
  };
  const first = open();
  state.opened = await waitFor(first, waitMs, timers).catch((error: unknown) => {
    if (!(error instanceof StorageError && LATER.has(error.code))) {
      throw error;
    }
    return undefined;
  });
  if (state.opened === undefined) {
    follow(first, FIRST_PAUSE_MS);
  }
  return Object.assign(state, {
    ready: () => {
      if (state.opened === undefined || state.isClosed) {
        state.refused += 1;
        throw toEarlyError(state);
      }
      return state.opened;
    },
    onOpened: (listener: (store: S) => void) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    close: async () => {
      state.isClosed = true;
      state.callOff();
      await state.opened?.close();
    },
  });
}

/** What comes of an attempt within a time; `undefined` when that is over. */
async function waitFor<S>(attempt: Promise<S>, ms: number, timers: Timers): Promise<S | undefined> {
  const over = Promise.withResolvers<undefined>();
  const callOff = timers.after(ms, () => over.resolve(undefined));
  try {
    return await Promise.race([attempt, over.promise]);
  } finally {
    callOff();
  }
}

const CLOSED = 'The cache is closed; open it again.';

function toEarlyError({ isClosed, problem }: Pick<Opening<unknown>, 'isClosed' | 'problem'>): StorageError {
  return isClosed
    ? new StorageError('CLOSED', CLOSED)
    : new StorageError('UNAVAILABLE', describe(problem), { cause: problem });
}

function describe(problem: Error | undefined): string {
  const reason = problem?.message ?? 'There was no answer yet.';
  return `The cache could not be opened at the start and is tried again in the background. ${reason}`;
}

function createLateStore(opening: Opening<CacheStore>, { provider }: LateCacheOptions): CacheStore {
  const { ready } = opening;
  return {
    provider,
    get: async (key, call) => ready().get(key, call),
    set: async (key, value, call) => ready().set(key, value, call),
    remove: async (key, call) => ready().remove(key, call),
    exists: async (key, call) => ready().exists(key, call),
    getOrSet: async (key, factory, call) => ready().getOrSet(key, factory, call),
    removeByPattern: async (pattern, call) => ready().removeByPattern(pattern, call),
    increment: async (key, call) => ready().increment(key, call),
    statistics: () => {
      const { opened, refused } = opening;
      const counts = opened?.statistics() ?? { hits: 0, misses: 0, errors: 0, sets: 0, removals: 0, evictions: 0 };
      return { ...counts, errors: counts.errors + refused };
    },
    health: async (call) => {
      const { opened, isClosed, problem } = opening;
      return (
        opened?.health(call) ?? {
          status: 'fail',
          provider,
          detail: isClosed ? CLOSED : describe(problem),
          latencyMs: 0,
        }
      );
    },
    close: async () => opening.close(),
  };
}

/** Listens as soon as there is something to listen to; until then the channel is down. */
function listenLater(opening: Opening<CoordinatedCacheStore>, listener: InvalidationListener): () => void {
  if (opening.opened !== undefined) {
    return opening.ready().onInvalidation(listener);
  }
  listener.onChannel(false);
  let end = opening.onOpened((store) => {
    end();
    end = store.onInvalidation(listener);
  });
  return () => end();
}
