import type { DatabaseSync } from 'node:sqlite';
import { type CallOptions, StorageError } from '@sorcha/storage';
import { checkSignal, checkWholeNumber, createCallSet } from '@sorcha/storage/provider';
import { type Kysely, sql } from 'kysely';
import { createWriteQueue } from '../transactions/write-queue.ts';
import { checkDatabaseFile } from './check-database-file.ts';
import { createKysely } from './kysely-adapter.ts';
import { mapSqliteError, readResultCode } from './map-sqlite-error.ts';
import { createMatchFunction, type MatchFunction } from './match-function.ts';
import { openReader, openReadOnlyReader, type Reader } from './open-reader.ts';
import { openWriter, rollBack } from './open-writer.ts';
import { DEFAULT_BUSY_TIMEOUT_MS, retryWhileBusy } from './retry-while-busy.ts';

/** Options of {@link openDatabase}. */
export interface DatabaseOptions {
  /** The path of the file. Its folder must exist. */
  readonly file: string;
  /** Writes nothing, not even beside the file; writes fail with `UNAVAILABLE`. Default false. */
  readonly readOnly?: boolean;
  /** How long a call waits for other processes that write, in milliseconds. Default 5,000. */
  readonly busyTimeoutMs?: number;
}

/** One database file with one connection that writes and one that reads. All errors are those of the ports. */
export interface SqliteDatabase<Tables> {
  /** The absolute path. */
  readonly file: string;
  readonly isReadOnly: boolean;
  readonly match: MatchFunction;
  /** Runs one query on what is committed. */
  read<T>(query: (db: Kysely<Tables>) => Promise<T>, options?: CallOptions): Promise<T>;
  /** Runs several queries that see what was committed at one moment. */
  snapshot<T>(queries: (db: Kysely<Tables>) => Promise<T>, options?: CallOptions): Promise<T>;
  /** Runs `work` in a transaction, after those that came before: all of it is durable, or nothing when it throws. */
  write<T>(work: (db: Kysely<Tables>, connection: DatabaseSync) => Promise<T>, options?: CallOptions): Promise<T>;
  /** As `write`, but nothing remains in any case. */
  rehearse<T>(work: (db: Kysely<Tables>) => Promise<T>, options?: CallOptions): Promise<T>;
  /** Says whether a write is running or waiting. */
  isWriting(): boolean;
  /** Fails with `CLOSED` after `close`, and with `TIMEOUT` when the signal has fired. */
  enter(options: CallOptions | undefined): void;
  /** Waits for the calls that were made and releases the file. */
  close(): Promise<void>;
}

interface Writer<Tables> {
  readonly connection: DatabaseSync;
  readonly db: Kysely<Tables>;
}

/** Opens a database file of this package, or creates it. Errors as `checkDatabaseFile` and those of SQLite. */
export async function openDatabase<Tables>(options: DatabaseOptions): Promise<SqliteDatabase<Tables>> {
  const { readOnly = false, busyTimeoutMs = DEFAULT_BUSY_TIMEOUT_MS } = options;
  checkWholeNumber(busyTimeoutMs, 'busyTimeoutMs', { min: 0 });
  const file = await checkDatabaseFile(options.file, { readOnly });
  const match = createMatchFunction();
  const prepare = (connection: DatabaseSync): Kysely<Tables> => {
    match.register(connection);
    return createKysely<Tables>(connection);
  };
  try {
    if (readOnly) {
      return createDatabase({ file, match, busyTimeoutMs, reader: openReadOnlyReader(file, prepare) });
    }
    const connection = await openWriter(file, busyTimeoutMs);
    try {
      const writer = { connection, db: prepare(connection) };
      return createDatabase({ file, match, busyTimeoutMs, reader: openReader(file, prepare), writer });
    } catch (error) {
      connection.close();
      throw error;
    }
  } catch (error) {
    throw mapSqliteError(error, file);
  }
}

function createDatabase<Tables>(parts: {
  readonly file: string;
  readonly match: MatchFunction;
  readonly busyTimeoutMs: number;
  readonly reader: Reader<Kysely<Tables>>;
  readonly writer?: Writer<Tables>;
}): SqliteDatabase<Tables> {
  const { file, match, busyTimeoutMs, reader, writer } = parts;
  const queue = createWriteQueue();
  const reads = createReads(parts);
  let closing: Promise<void> | undefined;

  const enter = (options: CallOptions | undefined) => {
    if (closing !== undefined) {
      throw new StorageError('CLOSED', `The store on "${file}" is closed; open it again.`);
    }
    checkSignal(options);
  };
  const transact = async <T>(
    end: (used: Writer<Tables>) => void,
    work: (db: Kysely<Tables>, connection: DatabaseSync) => Promise<T>,
    options?: CallOptions,
  ): Promise<T> => {
    enter(options);
    if (writer === undefined) {
      throw new StorageError('UNAVAILABLE', `The store on "${file}" is read-only; open it for writing.`);
    }
    return queue.run(async () => {
      try {
        await retryWhileBusy(() => sql`begin immediate`.execute(writer.db), busyTimeoutMs, options);
        const result = await work(writer.db, writer.connection);
        end(writer);
        return result;
      } catch (error) {
        throw mapSqliteError(error, file);
      } finally {
        rollBack(writer.connection);
      }
    }, options);
  };
  const release = async () => {
    await Promise.all([queue.idle(), reads.settle()]);
    reader.close();
    // The last connection to go merges the log into the file, so it must be one that can write.
    writer?.connection.close();
  };

  return {
    file,
    isReadOnly: writer === undefined,
    match,
    enter,
    read: async (query, options) => {
      enter(options);
      return reads.run(query, options);
    },
    snapshot: async (queries, options) => {
      enter(options);
      return reads.run(async (db) => db.transaction().execute(queries), options);
    },
    write: async (work, options) => transact(({ connection }) => commit(connection, file), work, options),
    rehearse: async (work, options) => transact(() => undefined, work, options),
    isWriting: () => queue.isBusy(),
    close: async () => {
      closing ??= release();
      await closing;
    },
  };
}

/** Runs reads again while somebody holds a lock, and knows those that are at work. */
function createReads<Tables>({
  file,
  busyTimeoutMs,
  reader,
}: {
  readonly file: string;
  readonly busyTimeoutMs: number;
  readonly reader: Reader<Kysely<Tables>>;
}) {
  const running = createCallSet();
  return {
    run: async <T>(query: (db: Kysely<Tables>) => Promise<T>, options: CallOptions | undefined): Promise<T> => {
      const result = retryWhileBusy(async () => reader.use(query), busyTimeoutMs, options);
      running.add(result);
      try {
        return await result;
      } catch (error) {
        throw mapSqliteError(error, file);
      }
    },
    settle: async () => running.settle(),
  };
}

function commit(connection: DatabaseSync, file: string): void {
  requireTransaction(connection, file);
  try {
    connection.exec('commit');
  } catch (error) {
    throw toCommitError(error, file);
  }
}

/**
 * Refuses to go on after SQLite has taken back the whole transaction by itself, as it does when the disk is full: what is
 * written next would be kept alone.
 *
 * @throws StorageError `UNAVAILABLE`.
 */
export function requireTransaction(connection: DatabaseSync, file: string): void {
  if (!connection.isTransaction) {
    const advice = 'see the error of the write that failed first, then run the transaction again';
    throw new StorageError('UNAVAILABLE', `The transaction on "${file}" was taken back as a whole: ${advice}.`);
  }
}

/** Primary result codes with which a commit has failed before its last page was in the log: SQLITE_BUSY, SQLITE_FULL. */
const NOTHING_COMMITTED: ReadonlySet<number> = new Set([5, 13]);

/**
 * The error for a commit that failed. After a failed write or sync of the disk the commit may lie in the log all the same and
 * be found there after a crash, so its outcome is unknown.
 */
export function toCommitError(error: unknown, file: string): unknown {
  if (NOTHING_COMMITTED.has((readResultCode(error) ?? 0) & 0xff)) {
    return error;
  }
  const message = `It is unknown whether the write to "${file}" took effect; read back before you try again.`;
  return new StorageError('OUTCOME_UNKNOWN', message, { cause: error });
}
