import { setTimeout as delay } from 'node:timers/promises';
import { type ClientSession, type MongoClient, MongoError, MongoErrorLabel, MongoServerSelectionError } from 'mongodb';
import { isTransient } from './to-storage-error.ts';

/** What each command within a transaction is given. */
export interface TransactionOptions {
  readonly session: ClientSession;
  readonly signal: AbortSignal;
}

/** A transaction as it is run. */
export interface TransactionWork<T> {
  readonly client: MongoClient;
  /** Fires when the call ends, whatever the transaction is at. */
  readonly signal: AbortSignal;
  /** Reads one state of the data; may be run several times. */
  readonly run: (options: TransactionOptions) => Promise<T>;
  /** Called before the transaction is committed: from now on it may have taken effect. */
  readonly onCommit: () => void;
  /** Do everything but commit. */
  readonly isRehearsal?: boolean;
}

const FIRST_PAUSE_MS = 2;
const LONGEST_PAUSE_MS = 200;

/**
 * Runs `run` in a transaction, as a whole or not at all: again when others got in its way. A commit whose answer is lost is sent
 * again; it takes effect once. Ends when the signal fires.
 */
export async function runTransaction<T>(work: TransactionWork<T>): Promise<T> {
  for (let attempt = 0; ; attempt += 1) {
    const session = work.client.startSession();
    try {
      return await runOnce(work, session);
    } catch (error) {
      if (!isTransient(error) || error instanceof MongoServerSelectionError || work.signal.aborted) {
        throw error;
      }
    } finally {
      await end(session, work.signal);
    }
    const longest = Math.min(LONGEST_PAUSE_MS, FIRST_PAUSE_MS * 2 ** attempt);
    await delay(Math.random() * longest, undefined, { signal: work.signal });
  }
}

async function runOnce<T>(work: TransactionWork<T>, session: ClientSession): Promise<T> {
  const { run, signal } = work;
  session.startTransaction({
    readConcern: { level: 'snapshot' },
    writeConcern: { w: 'majority', journal: true },
    readPreference: 'primary',
  });
  const result = await run({ session, signal });
  if (work.isRehearsal === true) {
    await session.abortTransaction();
    return result;
  }
  signal.throwIfAborted();
  work.onCommit();
  await commit(session, signal);
  return result;
}

/** Aborts what is still open. When the call has ended nobody waits for it; the server does the same after a while. */
async function end(session: ClientSession, signal: AbortSignal): Promise<void> {
  const ended = session.endSession().catch(() => undefined);
  if (!signal.aborted) {
    await ended;
  }
}

async function commit(session: ClientSession, signal: AbortSignal): Promise<void> {
  for (;;) {
    try {
      await session.commitTransaction();
      return;
    } catch (error) {
      const isUnknown =
        error instanceof MongoError && error.hasErrorLabel(MongoErrorLabel.UnknownTransactionCommitResult);
      if (!isUnknown || isTransient(error) || signal.aborted) {
        throw error;
      }
    }
    await delay(FIRST_PAUSE_MS, undefined, { signal });
  }
}
