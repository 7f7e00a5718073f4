import { AsyncLocalStorage } from 'node:async_hooks';
import type { DatabaseSync } from 'node:sqlite';
import { type CallOptions, StorageError } from '@sorcha/storage';
import { checkSignal } from '@sorcha/storage/provider';
import { mapSqliteError } from '../map-sqlite-error.ts';
import { requireTransaction } from '../open-database.ts';
import { waitUnlessFired } from '../wait-unless-fired.ts';
import { createWriteQueue } from '../write-queue.ts';

/** The rows of a store itself, or of one of its tenants. */
export interface Space {
  readonly store: object;
  readonly tenant: string | undefined;
}

/** What a transaction runs on. */
export interface TransactionPlace {
  readonly connection: DatabaseSync;
  readonly file: string;
  readonly space: Space;
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
  /** Runs queries at their turn: all that they write, or nothing when they throw. */
  run<T>(queries: () => Promise<T>, options: CallOptions | undefined): Promise<T>;
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
  const { connection, file } = place;
  const queue = createWriteQueue();
  let running: Promise<unknown> = Promise.resolve();
  let child: { readonly scope: TransactionScope; readonly finish: (isKept: boolean) => void } | undefined;
  let hasEnded = false;

  const requireUsable = (options: CallOptions | undefined) => {
    if (scope.isEnded()) {
      throw new StorageError('CLOSED', 'The transaction of this store has ended; use the store that it came from.');
    }
    checkSignal(options);
    requireTransaction(connection, file);
  };
  const takeTurn = async <T>(options: CallOptions | undefined, task: () => Promise<T>): Promise<T> => {
    requireUsable(options);
    requireOutside(scope);
    return queue.run(async () => {
      requireUsable(options);
      return task();
    }, options);
  };
  const runInSavepoint = async <T>(queries: () => Promise<T>): Promise<T> => {
    const finish = openSavepoint(connection);
    try {
      const result = await queries();
      finish(true);
      return result;
    } catch (error) {
      throw mapSqliteError(error, file);
    } finally {
      finish(false);
    }
  };
  const scope: TransactionScope = {
    space: place.space,
    parent,
    isEnded: () => hasEnded || parent?.isEnded() === true,
    run: async (queries, options) =>
      takeTurn(options, async () => {
        const result = runInSavepoint(queries);
        running = Promise.allSettled([result]);
        return result;
      }),
    nest: async (work, options) =>
      takeTurn(options, async () => {
        const inner = createTransactionScope(place, scope);
        const finish = openSavepoint(connection);
        child = { scope: inner, finish };
        try {
          const result = await runWork(inner, work, { call: options?.signal });
          await inner.end();
          requireUsable(options);
          finish(true);
          return result;
        } finally {
          await inner.end();
          finish(false);
          child = undefined;
        }
      }),
    end: async () => {
      hasEnded = true;
      const open = child;
      await open?.scope.end();
      open?.finish(false);
      await running;
    },
  };
  return scope;
}

/** Opens a savepoint; the first call of what is returned keeps or takes back what was written since, later ones do nothing. */
function openSavepoint(connection: DatabaseSync): (isKept: boolean) => void {
  let isOpen = true;
  connection.exec('savepoint sorcha');
  return (isKept) => {
    // SQLite has taken back everything by itself after some errors.
    if (isOpen && connection.isTransaction) {
      connection.exec(isKept ? 'release sorcha' : 'rollback to sorcha; release sorcha');
    }
    isOpen = false;
  };
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
