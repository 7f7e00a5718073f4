import { type CallOptions, StorageError } from '@sorcha/storage';
import { checkSignal, createCallSet } from '@sorcha/storage/provider';
import type { Db } from 'mongodb';
import { withDeadline } from './deadline.ts';
import { type CheckedMongoOptions, checkMongoOptions, type MongoOptions } from './mongo-options.ts';
import { runTransaction, type TransactionOptions } from './run-transaction.ts';
import { toStorageError } from './to-storage-error.ts';
import { watchPrimary } from './watch-primary.ts';

/** What each command outside of a transaction is given. */
export interface CommandOptions {
  /** Fires when the call ends, and makes the driver close the connection. */
  readonly signal?: AbortSignal;
  readonly maxTimeMS: number;
}

/** One database and the connections to it. All errors are those of the ports. */
export interface MongoDatabase {
  /** Names the database in messages. */
  readonly place: string;
  readonly name: string;
  /**
   * Runs one command that changes nothing. The driver hears of the end of the call only when the caller has a signal, because
   * listening costs more than all else that is added here; at the deadline the connection ends by itself.
   */
  read<T>(work: (db: Db, options: CommandOptions) => Promise<T>, call?: CallOptions): Promise<T>;
  /** Runs commands that change nothing, as long as there is something to read. */
  readAll<T>(work: (db: Db, options: CommandOptions) => Promise<T>, call?: CallOptions): Promise<T>;
  /** As `read`, for one command that changes something. */
  write<T>(work: (db: Db, options: CommandOptions) => Promise<T>, call?: CallOptions): Promise<T>;
  /** Runs commands that see one state of the data and take effect as a whole or not at all; `work` may run several times. */
  transact<T>(work: (db: Db, options: TransactionOptions) => Promise<T>, call?: CallOptions): Promise<T>;
  /** As `transact`, and takes everything back. */
  rehearse<T>(work: (db: Db, options: TransactionOptions) => Promise<T>, call?: CallOptions): Promise<T>;
  /** Fails with `CLOSED` after `close`, and with `TIMEOUT` when the signal has fired. */
  enter(call: CallOptions | undefined): void;
  /** Waits for the calls that were made and ends all connections. */
  close(): Promise<void>;
}

/** Connects to a database. `INVALID`, `UNAVAILABLE`, `INCOMPATIBLE_SERVER` when the server is too old for the driver. */
export async function connectMongoDatabase(options: MongoOptions): Promise<MongoDatabase> {
  const checked = checkMongoOptions(options);
  const database = createDatabase(checked);
  try {
    await database.read(async () => checked.client.connect());
    return database;
  } catch (error) {
    await database.close();
    throw error;
  }
}

/** How a call is run. */
interface RunOptions {
  readonly call: CallOptions | undefined;
  /** Whether it may have taken effect when it fails without an answer. */
  readonly isWriting: () => boolean;
  /** Whether it is one command. */
  readonly isSingle: boolean;
}

function createDatabase({ client, place, database: name, timeoutMs }: CheckedMongoOptions): MongoDatabase {
  const primary = watchPrimary(client);
  const db = client.db(name);
  const running = createCallSet();
  let closing: Promise<void> | undefined;

  const enter = (call: CallOptions | undefined) => {
    if (closing !== undefined) {
      throw new StorageError('CLOSED', `The store on ${place} is closed; open it again.`);
    }
    checkSignal(call);
  };
  const run = async <T>(work: (signal: AbortSignal | undefined) => Promise<T>, options: RunOptions): Promise<T> => {
    const { call, isWriting, isSingle } = options;
    enter(call);
    const mark = primary.mark();
    const signal = call?.signal;
    const controller = isSingle && signal === undefined ? undefined : new AbortController();
    try {
      const answer = withDeadline(async () => work(controller?.signal), { timeoutMs, signal, controller });
      running.add(answer);
      return await answer;
    } catch (error) {
      throw toStorageError(error, { place, write: isWriting() ? mark : undefined });
    }
  };
  const transact = async <T>(
    work: (db: Db, options: TransactionOptions) => Promise<T>,
    { call, isRehearsal }: { readonly call: CallOptions | undefined; readonly isRehearsal: boolean },
  ): Promise<T> => {
    let isCommitting = false;
    const transaction = async (signal: AbortSignal = new AbortController().signal) =>
      runTransaction<T>({
        client,
        signal,
        isRehearsal,
        run: async (options) => {
          isCommitting = false;
          return work(db, options);
        },
        onCommit: () => {
          isCommitting = true;
        },
      });
    return run(transaction, { call, isWriting: () => isCommitting, isSingle: false });
  };
  const command = async <T>(work: (db: Db, options: CommandOptions) => Promise<T>, options: RunOptions): Promise<T> =>
    run(async (signal) => work(db, { maxTimeMS: timeoutMs, ...(signal === undefined ? {} : { signal }) }), options);
  return {
    place,
    name,
    enter,
    read: async (work, call) => command(work, { call, isWriting: () => false, isSingle: true }),
    readAll: async (work, call) => command(work, { call, isWriting: () => false, isSingle: false }),
    write: async (work, call) => command(work, { call, isWriting: () => true, isSingle: true }),
    transact: async (work, call) => transact(work, { call, isRehearsal: false }),
    rehearse: async (work, call) => transact(work, { call, isRehearsal: true }),
    close: async () => {
      closing ??= (async () => {
        await running.settle();
        await client.close();
      })();
      await closing;
    },
  };
}
