import { AsyncLocalStorage } from 'node:async_hooks';
import { checkSignal } from '../checks/check-signal.ts';
import type { CallOptions } from '../ports/call-options.ts';
import { StorageError } from '../storage-error.ts';
import { type Journal, undoTo } from './memory-table.ts';
import { waitWithSignal } from './wait-with-signal.ts';

/**
 * Where calls take their turn, one at a time and in the order they came: the space of a database, or a transaction in it.
 * A transaction holds the turn until it ends, so all of them are serial.
 */
export interface MemoryScope {
  readonly parent: MemoryScope | undefined;
  /** Says whether calls fail with `CLOSED`: the transaction, or one around it, has ended. */
  isEnded(): boolean;
  /** Runs a synchronous call at its turn. */
  run<T>(call: (journal: Journal) => T, options: CallOptions | undefined): Promise<T>;
  /** Runs a transaction at its turn; what it changed stays only when `work` succeeds before the signal fires. */
  nest<T>(work: (inner: MemoryScope) => Promise<T>, options: CallOptions | undefined): Promise<T>;
  /** Ends a transaction and one that is still open in it; returns the journal of what stays. */
  end(isKept: boolean): Journal;
}

/** The transaction whose work is running. */
const current = new AsyncLocalStorage<MemoryScope>();

/** Creates the scope of a space, or of a transaction in `parent`. */
export function createMemoryScope(parent?: MemoryScope): MemoryScope {
  const journal: Journal = [];
  let hasEnded = false;
  let child: MemoryScope | undefined;
  let last: Promise<unknown> = Promise.resolve();

  const requireUsable = (options: CallOptions | undefined) => {
    if (scope.isEnded()) {
      throw new StorageError('CLOSED', 'The transaction of this store has ended; use the store that it came from.');
    }
    checkSignal(options);
  };
  const takeTurn = async <T>(options: CallOptions | undefined, task: () => T | Promise<T>): Promise<T> => {
    requireUsable(options);
    requireOutside(scope);
    const previous = last;
    const done = Promise.withResolvers<void>();
    last = previous.then(async () => done.promise);
    try {
      await waitWithSignal(previous, options?.signal);
      requireUsable(options);
      return await task();
    } finally {
      done.resolve();
    }
  };
  const keep = (steps: Journal) => {
    // Nothing takes back what was written outside of a transaction.
    for (const step of parent === undefined ? [] : steps) {
      journal.push(step);
    }
  };
  const scope: MemoryScope = {
    parent,
    isEnded: () => hasEnded || parent?.isEnded() === true,
    run: async (call, options) => takeTurn(options, () => call(parent === undefined ? [] : journal)),
    nest: async (work, options) =>
      takeTurn(options, async () => {
        const inner = createMemoryScope(scope);
        child = inner;
        try {
          const result = await waitWithSignal(
            current.run(inner, async () => work(inner)),
            options?.signal,
          );
          requireUsable(options);
          keep(inner.end(true));
          return result;
        } finally {
          inner.end(false);
          child = undefined;
        }
      }),
    end: (isKept) => {
      child?.end(false);
      hasEnded = true;
      if (!isKept) {
        undoTo(0, journal);
      }
      return journal.splice(0);
    },
  };
  return scope;
}

/** Refuses a scope whose turn is held by the very work that calls: it would wait for itself. */
function requireOutside(scope: MemoryScope): void {
  let inner = current.getStore();
  while (inner !== undefined && inner.parent !== scope) {
    inner = inner.parent;
  }
  if (inner?.isEnded() === false) {
    throw new StorageError(
      'INVALID',
      'The work of a transaction uses a store from outside of it; use the store that the work is given.',
    );
  }
}
