import { AsyncLocalStorage } from 'node:async_hooks';
import { type CallOptions, StorageError } from '@sorcha/storage';
import { checkSignal } from '@sorcha/storage/provider';
import type { Space } from '../../sqlite/relational/transaction-scope.ts';
import { waitUnlessFired } from '../../sqlite/wait-unless-fired.ts';
import { createWriteQueue } from '../../sqlite/write-queue.ts';
import { isConflict } from '../connection/map-postgres-error.ts';
import type { PostgresConnection } from '../connection/postgres-connection.ts';
import type { Refusal } from '../rows/session.ts';
import { openSavepoint } from './open-savepoint.ts';

/** What a transaction runs on. */
export interface TransactionPlace {
  readonly connection: PostgresConnection;
  readonly space: Space;
  /** Fires when the transaction is not waited for any more. */
  readonly signal: AbortSignal;
}

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
  /** Runs queries at their turn: all that they write, or nothing when they throw. */
  run<T>(queries: (options: CallOptions) => Promise<T>, refusal: Refusal, options: CallOptions | undefined): Promise<T>;
  /** Runs a savepoint at its turn; what it wrote stays only when `work` succeeds before the signal fires. */
  nest<T>(work: (inner: TransactionScope) => Promise<T>, options: CallOptions | undefined): Promise<T>;
  /** Lets nothing start any more, takes back a savepoint that is still open, and waits for queries that run. */
  end(): Promise<void>;
}

/** The transaction whose work is running. */
const current = new AsyncLocalStorage<TransactionScope>();

/** Runs the work of a transaction so that stores around it can tell; ends waiting for it when one of the signals fires. */
export async function runWork<T>(
  scope: TransactionScope,
  work: (scope: TransactionScope) => Promise<T>,
  signals: { readonly call: AbortSignal | undefined; readonly close?: readonly AbortSignal[] },
): Promise<T> {
  const result = current.run(scope, async () => work(scope));
  const timeout = () => new StorageError('TIMEOUT', 'The signal of the transaction fired; nothing of it remains.');
  const closed = () => new StorageError('CLOSED', 'The store was closed within a transaction; nothing of it remains.');
  return waitUnlessFired(result, [
    { signal: signals.call, toError: timeout },
    ...(signals.close ?? []).map((signal) => ({ signal, toError: closed })),
  ]);
}

/** Creates the scope of a transaction that was begun, or of a savepoint in `parent`. */
export function createTransactionScope(place: TransactionPlace, parent?: TransactionScope): TransactionScope {
  const { connection, space } = place;
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
  const takeTurn = async <T>(options: CallOptions | undefined, task: () => Promise<T>): Promise<T> => {
    requireUsable(options);
    requireOutside(scope);
    return queue.run(async () => {
      requireUsable(options);
      return task();
    }, options);
  };
  /** After a lost connection or a conflict nothing can be saved, and without a savepoint after no error. */
  const noteFailure = (error: unknown) => {
    if (!connection.isUsable() || connection.isFailed() || isConflict(error)) {
      failure ??= error instanceof Error ? error : undefined;
    }
  };
  const scope: TransactionScope = {
    space,
    parent,
    isEnded: () => hasEnded || parent?.isEnded() === true,
    failure: () => failure,
    run: async (queries, refusal, options) =>
      takeTurn(options, async () => {
        const result = runProtected(connection, refusal, async () =>
          queries({ signal: joinSignals(place.signal, options) }),
        );
        running = Promise.allSettled([result]);
        try {
          return await result;
        } catch (error) {
          noteFailure(error);
          throw error;
        }
      }),
    nest: async (work, options) =>
      takeTurn(options, async () => {
        const inner = createTransactionScope(place, scope);
        const finish = await openSavepoint(connection);
        child = { scope: inner, finish };
        try {
          return await runNested(child, work, options, () => requireUsable(options));
        } finally {
          noteFailure(inner.failure());
          child = undefined;
        }
      }),
    end: async () => {
      hasEnded = true;
      const open = child;
      await open?.scope.end();
      await running;
      await open?.finish(false);
    },
  };
  return scope;
}

/** A savepoint that is open. */
interface Nested {
  readonly scope: TransactionScope;
  readonly finish: (isKept: boolean) => Promise<void>;
}

/** Runs the work of a savepoint and keeps what it wrote, or takes it back. */
async function runNested<T>(
  { scope, finish }: Nested,
  work: (inner: TransactionScope) => Promise<T>,
  options: CallOptions | undefined,
  requireUsable: () => void,
): Promise<T> {
  try {
    const result = await runWork(scope, work, { call: options?.signal });
    await scope.end();
    requireUsable();
    requireWhole(scope);
    await finish(true);
    return result;
  } finally {
    await scope.end();
    await finish(false);
  }
}

/** Runs queries so that, where they can be refused, what was written before them stays. */
async function runProtected<T>(
  connection: PostgresConnection,
  refusal: Refusal,
  queries: () => Promise<T>,
): Promise<T> {
  const finish = refusal === 'possible' ? await openSavepoint(connection) : undefined;
  try {
    const result = await queries();
    await finish?.(true);
    return result;
  } catch (error) {
    await finish?.(false);
    throw error;
  }
}

/** Throws what made it impossible for a transaction to go on, also when its work did not. */
export function requireWhole(scope: TransactionScope): void {
  const failure = scope.failure();
  if (failure !== undefined) {
    throw failure;
  }
}

function joinSignals(signal: AbortSignal, options: CallOptions | undefined): AbortSignal {
  return options?.signal === undefined ? signal : AbortSignal.any([signal, options.signal]);
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
