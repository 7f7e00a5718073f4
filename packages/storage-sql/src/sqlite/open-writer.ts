import { DatabaseSync } from 'node:sqlite';
import { StorageError } from '@sorcha/storage';
import { APPLICATION_ID, checkFileIdentity, FILE_VERSION } from './check-database-file.ts';
import { retryWhileBusy } from './retry-while-busy.ts';

/** How long SQLite itself waits for a lock; it blocks the event loop meanwhile, so the longer waits are ours. */
export const SQLITE_TIMEOUT_MS = 10;

/** Opens the connection that writes to a checked file, and makes an empty file a database of this package. */
export async function openWriter(path: string, busyTimeoutMs: number): Promise<DatabaseSync> {
  const connection = new DatabaseSync(path, { timeout: SQLITE_TIMEOUT_MS, defensive: true });
  try {
    // To set `synchronous` SQLite reads the schema, which waits for whoever recovers the log.
    const settings = 'pragma trusted_schema = off; pragma foreign_keys = on; pragma synchronous = full';
    await retryWhileBusy(() => connection.exec(settings), busyTimeoutMs);
    await retryWhileBusy(() => claim(connection, path), busyTimeoutMs);
    await retryWhileBusy(() => useWal(connection, path), busyTimeoutMs);
    return connection;
  } catch (error) {
    connection.close();
    throw error;
  }
}

/** Marks an empty database as ours, before it becomes a WAL database: so the mark is in the file itself from the start. */
function claim(connection: DatabaseSync, path: string): void {
  if (readNumber(connection, 'application_id') === 0) {
    connection.exec('begin immediate');
    try {
      const isEmpty = readNumber(connection, 'user_version') === 0 && readNumber(connection, 'schema_version') === 0;
      if (isEmpty && readNumber(connection, 'application_id') === 0) {
        connection.exec(`pragma application_id = ${APPLICATION_ID}; pragma user_version = ${FILE_VERSION}`);
      }
      connection.exec('commit');
    } finally {
      rollBack(connection);
    }
  }
  checkFileIdentity(path, readNumber(connection, 'application_id'), readNumber(connection, 'user_version'));
}

function useWal(connection: DatabaseSync, path: string): void {
  const row = connection.prepare('pragma journal_mode = wal').get();
  if (row?.['journal_mode'] !== 'wal') {
    const advice = 'its file system lacks shared memory or locks; put it on a local disk';
    throw new StorageError('UNAVAILABLE', `The database "${path}" cannot keep a write-ahead log: ${advice}.`);
  }
}

function readNumber(connection: DatabaseSync, pragma: string): number {
  return Number(connection.prepare(`pragma ${pragma}`).get()?.[pragma]);
}

/** Ends a transaction that is still open. SQLite has ended it already after some errors. */
export function rollBack(connection: DatabaseSync): void {
  if (connection.isTransaction) {
    connection.exec('rollback');
  }
}
