import { AsyncLocalStorage } from 'node:async_hooks';
import { type CallOptions, StorageError } from '@sorcha/storage';
import { checkSignal } from '@sorcha/storage/provider';
import { waitUnlessFired } from './wait-unless-fired.ts';
import { createWriteQueue } from './write-queue.ts';

/** The rows of a store itself, or of one of its tenants. */
export interface Space {
  readonly store: object;
  readonly tenant: string | undefined;
}

/** Ends a savepoint: its first call keeps or takes back what was written since it was opened, later ones do nothing. */
export type FinishSavepoint = (isKept: boolean) => Promise<void>;

/** What a transaction runs on. */
export interface TransactionPlace {
  readonly space: Space;
  openSavepoint(): Promise<FinishSavepoint>;
  /** Says whether an error has left a transaction, or a savepoint in it, in which nothing can be saved. */
  isFatal(error: unknown): boolean;
}

/** Whether the database may refuse a statement, so that a transaction around it has to be able to go back to before it. */
export type Refusal = 'possible' | 'impossible';

/**
 * A transaction that is open, or a savepoint in one. Calls take their turn, one at a time and in the order they came; a
 * savepoint holds the turn until it ends.
 */
export interface TransactionScope {
  readonly space: Space;
  readonly parent: TransactionScope | undefined;
  /** Says whether calls fail with `CLOSED`: the transaction, or one around it, has ended. */
  isEnded(): boolean;
  /** What made it impossible to go on, if anything did. */
  failure(): Error | undefined;
  /** Runs queries at their turn. Where they can be refused, all that they write stays, or nothing when they throw. */
  run<T>(queries: () => Promise<T>, refusal: Refusal, options: CallOptions | undefined): Promise<T>;
  /** Runs a savepoint at its turn; what it wrote stays only when `work` succeeds before the signal fires. */
  nest<T>(work: (inner: TransactionScope) => Promise<T>, options: CallOptions | undefined): Promise<T>;
  /** Lets nothing start any more, takes back a savepoint that is still open, and waits for queries that run. */
  end(): Promise<void>;
}

/** The transaction whose work is running. */
const current = new AsyncLocalStorage<TransactionScope>();

/**
 * Runs the work of a transaction, or of a savepoint in it, so that stores around it can tell. When this settles nothing of it is
 * running any more; it fails when one of the signals fired or an error, even one that the work hides, has left nothing to save.
 *
 * @param signals.close closes the store that the transaction is of: `CLOSED`.
 */
export async function runWork<T>(
  scope: TransactionScope,
  work: (scope: TransactionScope) => Promise<T>,
  signals: { readonly call: AbortSignal | undefined; readonly close: readonly AbortSignal[] },
): Promise<T> {
  const timeout = () => new StorageError('TIMEOUT', 'The signal of the transaction fired; nothing of it remains.');
  const closed = () => new StorageError('CLOSED', 'The store was closed within a transaction; nothing of it remains.');
  const ends = [
    { signal: signals.call, toError: timeout },
    ...signals.close.map((signal) => ({ signal, toError: closed })),
  ];
  try {
    const result = await waitUnlessFired(
      current.run(scope, async () => work(scope)),
      ends,
    );
    await scope.end();
    for (const { signal, toError } of ends) {
      if (signal?.aborted === true) {
        throw toError();
      }
    }
    const failure = scope.failure();
    if (failure !== undefined) {
      throw failure;
    }
    return result;
  } finally {
    await scope.end();
  }
}

/** Creates the scope of a transaction that was begun, or of a savepoint in `parent`. */
export function createTransactionScope(place: TransactionPlace, parent?: TransactionScope): TransactionScope {
  const { space } = place;
  const queue = createWriteQueue();
  let running: Promise<unknown> = Promise.resolve();
  let child: Nested | undefined;
  let hasEnded = false;
  let failure: Error | undefined;

  const requireUsable = (options: CallOptions | undefined) => {
    if (scope.isEnded()) {
      throw new StorageError('CLOSED', 'The transaction of this store has ended; use the store that it came from.');
    }
    checkSignal(options);
    if (failure !== undefined) {
      throw failure;
    }
  };
  const note = (error: unknown) => {
    if (error instanceof Error && place.isFatal(error)) {
      failure ??= error;
    }
  };
  const takeTurn = async <T>(options: CallOptions | undefined, task: () => Promise<T>): Promise<T> => {
    requireUsable(options);
    requireOutside(scope);
    return queue.run(async () => {
      requireUsable(options);
      try {
        return await task();
      } catch (error) {
        note(error);
        throw error;
      }
    }, options);
  };
  /** Has `end` wait for what is sent to the database, so that nothing of it comes after the transaction. */
  const track = async <T>(sent: Promise<T>): Promise<T> => {
    running = Promise.allSettled([sent]);
    return sent;
  };
  const openNested = async (): Promise<Nested> => {
    const nested = { scope: createTransactionScope(place, scope), finish: await place.openSavepoint() };
    child = nested;
    return nested;
  };
  const scope: TransactionScope = {
    space,
    parent,
    isEnded: () => hasEnded || parent?.isEnded() === true,
    failure: () => failure,
    run: async (queries, refusal, options) =>
      takeTurn(options, async () => track(refusal === 'possible' ? runProtected(place, queries) : queries())),
    nest: async (work, options) =>
      takeTurn(options, async () => {
        const nested = await track(openNested());
        try {
          return await runNested(nested, work, options, () => requireUsable(options));
        } finally {
          // Its work may have made another error of it.
          note(nested.scope.failure());
          child = undefined;
        }
      }),
    end: async () => {
      hasEnded = true;
      await running;
      const open = child;
      await open?.scope.end();
      await open?.finish(false);
    },
  };
  return scope;
}

/** A savepoint that is open. */
interface Nested {
  readonly scope: TransactionScope;
  readonly finish: FinishSavepoint;
}

/** Runs the work of a savepoint and keeps what it wrote, or takes it back. */
async function runNested<T>(
  { scope, finish }: Nested,
  work: (inner: TransactionScope) => Promise<T>,
  options: CallOptions | undefined,
  requireUsable: () => void,
): Promise<T> {
  try {
    requireUsable();
    const result = await runWork(scope, work, { call: options?.signal, close: [] });
    requireUsable();
    await finish(true);
    return result;
  } catch (error) {
    await finish(false);
    throw error;
  }
}

/** Runs queries so that what was written before them stays when they are refused. */
async function runProtected<T>(place: TransactionPlace, queries: () => Promise<T>): Promise<T> {
  const finish = await place.openSavepoint();
  try {
    const result = await queries();
    await finish(true);
    return result;
  } catch (error) {
    await finish(false);
    throw error;
  }
}

/** Refuses a store whose space is held by a transaction whose work calls: it would wait for itself, or not see it. */
export function requireOutsideOf({ store, tenant }: Space): void {
  for (let scope = current.getStore(); scope !== undefined; scope = scope.parent) {
    if (scope.space.store === store && scope.space.tenant === tenant) {
      refuseUnlessEnded(scope);
    }
  }
}

/** As {@link requireOutsideOf}, for a transaction whose turn is held by a savepoint in it. */
function requireOutside(scope: TransactionScope): void {
  for (let inner = current.getStore(); inner !== undefined; inner = inner.parent) {
    if (inner.parent === scope) {
      refuseUnlessEnded(inner);
    }
  }
}

function refuseUnlessEnded(scope: TransactionScope): void {
  if (!scope.isEnded()) {
    throw new StorageError(
      'INVALID',
      'The work of a transaction uses a store from outside of it; use the store that the work is given.',
    );
  }
}
