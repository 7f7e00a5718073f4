import { type CallOptions, StorageError } from '@sorcha/storage';
import { checkSignal, createCallSet } from '@sorcha/storage/provider';
import type { Db, MongoClient } from 'mongodb';
import { type CallEnd, timeLeft, withDeadline } from './deadline.ts';
import { type CheckedMongoOptions, checkMongoOptions, type MongoOptions } from './mongo-options.ts';
import { runTransaction, type TransactionOptions } from './run-transaction.ts';
import { toStorageError } from './to-storage-error.ts';
import { type PrimaryMark, watchPrimary } from './watch-primary.ts';

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
  readonly db: Db;
  /**
   * Runs a call of a port, whose commands all end at one time. Fails with `CLOSED` after `close`, which waits for it, and with
   * `TIMEOUT` when the signal has fired.
   */
  runCall<T>(options: CallOptions | undefined, work: (end: CallEnd) => Promise<T>): Promise<T>;
  /**
   * Runs one command that changes nothing. The driver hears of the end of the call only when the caller has a signal, because
   * listening costs more than all else that is added here; at the deadline the connection ends by itself.
   *
   * @param end that of the call that it belongs to; without one it is a call of its own, as are all others here.
   */
  read<T>(work: (options: CommandOptions) => Promise<T>, end?: CallEnd): Promise<T>;
  /** Runs commands that change nothing, as long as there is something to read. */
  readAll<T>(work: (options: CommandOptions) => Promise<T>, end?: CallEnd): Promise<T>;
  /** As `read`, for one command that changes something. */
  write<T>(work: (options: CommandOptions) => Promise<T>, end?: CallEnd): Promise<T>;
  /** Runs commands that see one state of the data and take effect as a whole or not at all; `work` may run several times. */
  transact<T>(work: (options: TransactionOptions) => Promise<T>, end?: CallEnd): Promise<T>;
  /** As `transact`, and takes everything back. */
  rehearse<T>(work: (options: TransactionOptions) => Promise<T>, end?: CallEnd): Promise<T>;
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

type Run = <T>(work: (limits: Limits) => Promise<T>, options: RunOptions) => Promise<T>;

/** How a part of a call is run. */
interface RunOptions {
  readonly end: CallEnd | undefined;
  /** Whether it may have taken effect when it fails without an answer. */
  readonly isWriting: () => boolean;
  /** Whether it is one command. */
  readonly isSingle: boolean;
}

/** What a part of a call is given. */
interface Limits {
  readonly signal: AbortSignal | undefined;
  readonly maxTimeMS: number;
}

function createDatabase({ client, place, database: name, timeoutMs }: CheckedMongoOptions): MongoDatabase {
  const primary = watchPrimary(client);
  const db = client.db(name);
  const running = createCallSet();
  let closing: Promise<void> | undefined;

  const toEnd = (signal?: AbortSignal): CallEnd => ({ timeoutMs, endsAt: performance.now() + timeoutMs, signal });
  const runCall = async <T>(options: CallOptions | undefined, work: (end: CallEnd) => Promise<T>): Promise<T> => {
    if (closing !== undefined) {
      throw new StorageError('CLOSED', `The store on ${place} is closed; open it again.`);
    }
    checkSignal(options);
    const answer = work(toEnd(options?.signal));
    running.add(answer);
    return answer;
  };
  const run: Run = async (work, options) => {
    const { end = toEnd(), isWriting, isSingle } = options;
    const controller = isSingle && end.signal === undefined ? undefined : new AbortController();
    let mark: PrimaryMark | undefined;
    try {
      const limits = { maxTimeMS: timeLeft(end), signal: controller?.signal };
      mark = primary.mark();
      return await withDeadline(
        async () => work(limits),
        end,
        controller === undefined ? undefined : (reason) => controller.abort(reason),
      );
    } catch (error) {
      throw toStorageError(error, { place, write: isWriting() ? mark : undefined });
    }
  };
  const transact = createTransact(client, run);
  const command = async <T>(work: (options: CommandOptions) => Promise<T>, options: RunOptions): Promise<T> =>
    run(async ({ signal, maxTimeMS }) => work(signal === undefined ? { maxTimeMS } : { maxTimeMS, signal }), options);
  return {
    place,
    name,
    db,
    runCall,
    read: async (work, end) => command(work, { end, isWriting: () => false, isSingle: true }),
    readAll: async (work, end) => command(work, { end, isWriting: () => false, isSingle: false }),
    write: async (work, end) => command(work, { end, isWriting: () => true, isSingle: true }),
    transact: async (work, end) => transact(work, { end, isRehearsal: false }),
    rehearse: async (work, end) => transact(work, { end, isRehearsal: true }),
    close: async () => {
      closing ??= (async () => {
        await running.settle();
        await client.close();
      })();
      await closing;
    },
  };
}

/** Runs transactions, which write only once they begin to commit. */
function createTransact(client: MongoClient, run: Run) {
  return async <T>(
    work: (options: TransactionOptions) => Promise<T>,
    { end, isRehearsal }: { readonly end: CallEnd | undefined; readonly isRehearsal: boolean },
  ): Promise<T> => {
    let isCommitting = false;
    const transaction = async ({ signal = new AbortController().signal }: Limits) =>
      runTransaction<T>({
        client,
        signal,
        isRehearsal,
        run: async (options) => {
          isCommitting = false;
          return work(options);
        },
        onCommit: () => {
          isCommitting = true;
        },
      });
    return run(transaction, { end, isWriting: () => isCommitting, isSingle: false });
  };
}
