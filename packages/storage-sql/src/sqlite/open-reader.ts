import { statSync } from 'node:fs';
import { DatabaseSync } from 'node:sqlite';
import { pathToFileURL } from 'node:url';
import { StorageError } from '@sorcha/storage';
import { SQLITE_TIMEOUT_MS } from './open-writer.ts';

/** Prepares a connection that was just opened. */
type Prepare<T> = (connection: DatabaseSync) => T;

/** A connection that cannot write, and what was prepared on it. */
export interface Reader<T> {
  /** What to read with now. */
  current(): T;
  close(): void;
}

/** Opens the reading connection of a store that also writes. */
export function openReader<T>(path: string, prepare: Prepare<T>): Reader<T> {
  const { connection, prepared } = connect(path, prepare);
  return { current: () => prepared, close: () => connection.close() };
}

/**
 * Opens a file that must not be changed, also in a folder that cannot be written.
 *
 * SQLite leaves files beside a WAL database even when it only reads. With no log to read and nobody at work on the file it is
 * therefore opened as immutable, which writes nothing at all. Once somebody opens it for writing that is no longer
 * right, so each read looks again.
 */
export function openReadOnlyReader<T>(path: string, prepare: Prepare<T>): Reader<T> {
  let isLive = isInUse(path);
  let opened = isLive ? connectLive(path, prepare) : connectImmutable(path, prepare);
  const used = [opened];
  return {
    current: () => {
      if (!isLive && isInUse(path)) {
        opened = connectLive(path, prepare);
        isLive = true;
        // The connection before may be in the middle of a read, so it stays open.
        used.push(opened);
      }
      return opened.prepared;
    },
    close: () => used.forEach(({ connection }) => connection.close()),
  };
}

interface Connected<T> {
  readonly connection: DatabaseSync;
  readonly prepared: T;
}

function connect<T>(location: string, prepare: Prepare<T>): Connected<T> {
  const connection = new DatabaseSync(location, { readOnly: true, timeout: SQLITE_TIMEOUT_MS, defensive: true });
  try {
    connection.exec('pragma trusted_schema = off');
    // SQLite opens the log only with the first read.
    connection.prepare('select count(*) from sqlite_schema').get();
    return { connection, prepared: prepare(connection) };
  } catch (error) {
    connection.close();
    throw error;
  }
}

function connectImmutable<T>(path: string, prepare: Prepare<T>): Connected<T> {
  return connect(`${pathToFileURL(path).href}?immutable=1`, prepare);
}

/** Opens a file with a log, which holds records that the file itself may lack: it is never ignored. */
function connectLive<T>(path: string, prepare: Prepare<T>): Connected<T> {
  try {
    return connect(`${pathToFileURL(path).href}?mode=ro`, prepare);
  } catch (cause) {
    if (!hasContent(`${path}-wal`) && !hasContent(`${path}-journal`)) {
      return connectImmutable(path, prepare);
    }
    const advice = 'copy the file and those beside it to a folder that can be written, or give write access';
    throw new StorageError('UNAVAILABLE', `The log of the database "${path}" cannot be read: ${advice}.`, { cause });
  }
}

/** Says whether others have the file open, or left a log that they did not merge. */
function isInUse(path: string): boolean {
  return hasContent(`${path}-wal`) || hasContent(`${path}-shm`) || hasContent(`${path}-journal`);
}

function hasContent(path: string): boolean {
  return (statSync(path, { throwIfNoEntry: false })?.size ?? 0) > 0;
}
