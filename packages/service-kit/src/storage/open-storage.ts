import {
  type CacheStore,
  type DocumentStore,
  type RelationalStore,
  StorageError,
  type WormStore,
} from '@sorcha/storage';
import { checkWholeNumber } from '@sorcha/storage/provider';
import { findSecrets, redactError, redactText } from '../config/redact-secrets.ts';
import type { ChosenProvider, PortName, StoreOpeners } from '../providers/provider.ts';
import { checkStorage, type StorageHealth } from './check-storage.ts';
import { type StartFailure, StorageStartError } from './start-error.ts';
import { SETTING_OF_PORT, type StorageConfig } from './storage-schema.ts';

/** How long the start may take unless the call says otherwise, in milliseconds. */
export const START_TIMEOUT_MS = 30_000;

/** A store of any port. */
export type AnyStore = CacheStore | RelationalStore | DocumentStore<never> | WormStore<never>;

/** The stores of a service, under the names that it gave them. */
export interface Storage<S> {
  readonly stores: { readonly [N in keyof S]: Awaited<S[N]> };
  /** Makes a round trip to every store. Never throws. */
  readonly health: () => Promise<StorageHealth>;
  /** Closes every store; closing again does nothing. */
  readonly close: () => Promise<void>;
}

/** Something that can be asked how it is and be closed, whatever its port. */
export type OpenedStore = Pick<CacheStore, 'provider' | 'health' | 'close'>;

/**
 * Opens the stores that a service declares on the providers that its configuration names; those that it does not ask for are
 * neither loaded nor connected. All of them are opened side by side and prove that they can do what is configured.
 *
 * ```ts
 * const { stores, close } = await openStorage(config.storage, (open) => ({
 *   cache: open.cache(),
 *   rows: open.relational([organisation, user]),
 *   blueprints: open.documents(blueprint),
 *   dockets: open.worm(docketWorm),
 * }));
 * ```
 *
 * @param options.startTimeoutMs how long all of it may take, in milliseconds. Default 30,000.
 * @throws StorageStartError naming every store that failed with the setting to blame; nothing stays open then.
 */
export async function openStorage<S extends Readonly<Record<string, Promise<OpenedStore>>>>(
  config: StorageConfig,
  declare: (open: StoreOpeners) => S,
  options: { readonly startTimeoutMs?: number } = {},
): Promise<Storage<S>> {
  const { startTimeoutMs = START_TIMEOUT_MS } = options;
  checkWholeNumber(startTimeoutMs, 'startTimeoutMs', { min: 1, max: 600_000 });
  const attempts: Attempt[] = [];
  const deadline = createDeadline(startTimeoutMs);
  try {
    const declared = declare(createOpeners(config, attempts, startTimeoutMs));
    const names = Object.keys(declared);
    // What was asked for counts, also where the declaration wraps it or leaves it out.
    const [opened, wrapped] = await Promise.all([
      Promise.allSettled(attempts.map(async ({ opening }) => deadline.race(opening))),
      Promise.allSettled(Object.values(declared).map(async (store) => deadline.race(store))),
    ]);
    const failures = opened.flatMap((result, index) => {
      const chosen = attempts[index]?.chosen;
      return result.status === 'rejected' && chosen ? [toFailure(result.reason, chosen)] : [];
    });
    const [first] = failures;
    if (first !== undefined) {
      throw new StorageStartError(
        failures.map(({ failure }) => failure),
        { cause: first.cause },
      );
    }
    const named = wrapped.map((result, index) => [names[index] ?? '', requireFulfilled(result)] as const);
    const inner = opened.map(requireFulfilled);
    return {
      // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- each name leads to what its promise gave
      stores: Object.fromEntries(named) as Storage<S>['stores'],
      health: async () => checkStorage(new Map(named)),
      close: async () => {
        await closeAll(named.map(([, store]) => store));
        await closeAll(inner);
      },
    };
  } catch (error) {
    await Promise.all(attempts.map(async ({ opening }) => abandon(opening)));
    throw error;
  } finally {
    deadline.clear();
  }
}

/** A store that is being opened, and for which provider. */
interface Attempt {
  readonly opening: Promise<OpenedStore>;
  readonly chosen: ChosenProvider<PortName>;
}

/** Openers that remember for which provider each store was opened. */
function createOpeners(config: StorageConfig, attempts: Attempt[], startTimeoutMs: number): StoreOpeners {
  const note = <T extends OpenedStore>(chosen: ChosenProvider<PortName>, opening: Promise<T>): Promise<T> => {
    attempts.push({ opening, chosen });
    return opening;
  };
  const { hot, warm, cold } = config;
  return {
    // Without its server a cache is open well before the others have to be.
    cache: () => note(hot, hot.open({ waitMs: Math.ceil(startTimeoutMs / 2) })),
    relational: (entities) => note(warm.relational, warm.relational.open(entities)),
    documents: (definition) => note(warm.documents, warm.documents.open(definition)),
    worm: (definition) => note(cold, cold.open(definition)),
  };
}

function toFailure(reason: unknown, chosen: ChosenProvider<PortName>) {
  const secrets = findSecrets(chosen.settings);
  const setting = chosen.blame(reason);
  const message = redactText(reason instanceof Error ? reason.message : String(reason), secrets);
  const failure: StartFailure = {
    path: `${SETTING_OF_PORT[chosen.port]}${setting === undefined ? '' : `.${setting}`}`,
    provider: chosen.provider,
    code: reason instanceof StorageError ? reason.code : 'UNAVAILABLE',
    message,
  };
  return { failure, cause: redactError(reason, secrets) };
}

function createDeadline(timeoutMs: number) {
  const passed = Promise.withResolvers<never>();
  passed.promise.catch(() => undefined);
  const timer = setTimeout(() => {
    passed.reject(new StorageError('TIMEOUT', `It was not ready within ${timeoutMs} ms; is the server reachable?`));
  }, timeoutMs);
  return {
    race: async <T>(work: Promise<T>): Promise<T> => Promise.race([work, passed.promise]),
    clear: () => clearTimeout(timer),
  };
}

function requireFulfilled<T>(result: PromiseSettledResult<T>): T {
  if (result.status === 'rejected') {
    throw result.reason;
  }
  return result.value;
}

const PENDING = Promise.resolve('not opened yet' as const);

/** Closes a store that is open, and one that is not yet as soon as it is, without waiting for that. */
async function abandon(opening: Promise<OpenedStore>): Promise<void> {
  const closed = opening.then(async (store) => store.close()).catch(() => undefined);
  const now = await Promise.race([opening, PENDING]).catch(() => undefined);
  await (now === 'not opened yet' ? undefined : closed);
}

/** Closes all of them, also when one of them fails to close. */
async function closeAll(stores: readonly OpenedStore[]): Promise<void> {
  const results = await Promise.allSettled(stores.map(async (store) => store.close()));
  results.forEach(requireFulfilled);
}
