import { type CallOptions, StorageError } from '@sorcha/storage';
import { checkSignal } from '@sorcha/storage/provider';
import { createCallCounter } from '../../transactions/call-counter.ts';
import type { PostgresConnection, Statement } from './postgres-connection.ts';
import { type CheckedPostgresOptions, checkPostgresOptions, type PostgresOptions } from './postgres-options.ts';
import { createPostgresPool } from './postgres-pool.ts';
import { retryConflicts } from './retry-conflicts.ts';

/** What a transaction is begun with. */
export type Isolation = 'read committed' | 'repeatable read' | 'repeatable read read only' | 'serializable';

/** One database and the connections to it. All errors are those of the ports. */
export interface PostgresDatabase {
  /** Names the database in messages. */
  readonly place: string;
  /** The schema that the options name. */
  readonly schema: string;
  /** Runs `work`, which only reads, with a connection: with another one when that was lost, as idle ones are unnoticed. */
  use<T>(work: (connection: PostgresConnection) => Promise<T>, options?: CallOptions): Promise<T>;
  /** As `use`, for one statement that writes: again when a concurrent transaction got in its way. */
  write<T>(work: (connection: PostgresConnection) => Promise<T>, options?: CallOptions): Promise<T>;
  /** Runs `work` in a transaction, as a whole or not at all: again when a concurrent one got in its way. */
  transact<T>(
    isolation: Isolation,
    work: (connection: PostgresConnection) => Promise<T>,
    options?: CallOptions,
  ): Promise<T>;
  /** Fails with `CLOSED` after `close`, and with `TIMEOUT` when the signal has fired. */
  enter(options: CallOptions | undefined): void;
  /** Waits for the calls that were made and ends all connections. */
  close(): Promise<void>;
}

/** Taking back takes no time; a server that does not answer by then will do it when the connection ends. */
export const ROLLBACK_TIMEOUT_MS = 2_000;

/** A statement without values, or several divided by semicolons. */
export function toStatement(text: string): Statement {
  return { text, values: [], isPlain: true };
}

/** Connects to a database and makes sure that it can be used. `INVALID`, `UNAVAILABLE`, `INCOMPATIBLE_SERVER`. */
export async function openPostgresDatabase(options: PostgresOptions): Promise<PostgresDatabase> {
  const database = createDatabase(checkPostgresOptions(options));
  try {
    await database.use(async (connection) => connection.run(toStatement('select 1')));
    return database;
  } catch (error) {
    await database.close();
    throw error;
  }
}

function createDatabase(checked: CheckedPostgresOptions): PostgresDatabase {
  const { place, schema } = checked;
  const pool = createPostgresPool(checked);
  const running = createCallCounter();
  let closing: Promise<void> | undefined;

  const enter = (options: CallOptions | undefined) => {
    if (closing !== undefined) {
      throw new StorageError('CLOSED', `The store on ${place} is closed; open it again.`);
    }
    checkSignal(options);
  };
  const useOnce = async <T>(
    work: (connection: PostgresConnection) => Promise<T>,
    options: CallOptions | undefined,
    ifLost?: () => Promise<T>,
  ): Promise<T> => {
    const connection = pool.tryAcquire() ?? (await pool.acquire(options));
    try {
      checkSignal(options);
      return await work(connection);
    } catch (error) {
      if (ifLost === undefined || !connection.isLost()) {
        throw error;
      }
    } finally {
      connection.release();
    }
    return ifLost();
  };
  const call = async <T>(options: CallOptions | undefined, work: () => Promise<T>): Promise<T> => {
    enter(options);
    running.enter();
    try {
      return await work();
    } finally {
      running.leave();
    }
  };
  return {
    place,
    schema,
    enter,
    use: async (work, options) => call(options, async () => useOnce(work, options, async () => useOnce(work, options))),
    write: async (work, options) =>
      call(options, async () => retryConflicts(async () => useOnce(work, options), options)),
    transact: async (isolation, work, options) => {
      const attempt = async (connection: PostgresConnection) => runTransaction(connection, isolation, work, options);
      return call(options, async () => retryConflicts(async () => useOnce(attempt, options), options));
    },
    close: async () => {
      closing ??= (async () => {
        await running.settle();
        await pool.close();
      })();
      await closing;
    },
  };
}

/** Runs `work` in a transaction on a connection. */
export async function runTransaction<T>(
  connection: PostgresConnection,
  isolation: Isolation,
  work: (connection: PostgresConnection) => Promise<T>,
  options: CallOptions | undefined,
): Promise<T> {
  await connection.run(toStatement(`begin isolation level ${isolation}`), options);
  try {
    const result = await work(connection);
    checkSignal(options);
    await commit(connection, options);
    return result;
  } catch (error) {
    await rollBack(connection);
    throw error;
  }
}

/** Ends a transaction. `OUTCOME_UNKNOWN` when the answer is lost, or does not come soon after the signal has fired. */
async function commit(connection: PostgresConnection, options: CallOptions | undefined): Promise<void> {
  const signal = options?.signal;
  const { command } = await connection.run(toStatement('commit'), { kind: 'write', ...(signal && { signal }) });
  if (command !== 'COMMIT') {
    const advice = 'an error in it was not passed on; see the calls before';
    throw new StorageError('UNAVAILABLE', `The transaction was taken back as a whole: ${advice}.`);
  }
}

/** Takes a transaction back; when that fails the connection ends, which does the same. */
export async function rollBack(connection: PostgresConnection): Promise<void> {
  if (connection.isUsable()) {
    await connection.run(toStatement('rollback'), { answerTimeoutMs: ROLLBACK_TIMEOUT_MS }).catch(() => undefined);
  }
}
