import { statSync } from 'node:fs';
import { DatabaseSync } from 'node:sqlite';
import { setTimeout as wait } from 'node:timers/promises';
import { pathToFileURL } from 'node:url';
import { StorageError } from '@sorcha/storage';
import { SQLITE_TIMEOUT_MS } from './open-writer.ts';

/** Prepares a connection that was just opened. */
type Prepare<T> = (connection: DatabaseSync) => T;

/** A connection that cannot write, and what was prepared on it. */
export interface Reader<T> {
  /** Runs a query with what is to be read with now; again when the file was changed meanwhile behind SQLite's back. */
  use<R>(query: (prepared: T) => Promise<R>): Promise<R>;
  close(): void;
}

/** Opens the reading connection of a store that also writes. */
export function openReader<T>(path: string, prepare: Prepare<T>): Reader<T> {
  const { connection, prepared } = connect(path, prepare);
  return { use: async (query) => query(prepared), close: () => connection.close() };
}

/** How often a read is begun anew because the file was changed meanwhile. */
const MAX_ATTEMPTS = 8;

/** File systems tell times in steps: of changes that follow each other this closely, the last may show the time of the first. */
const TIME_STEP_MS = 20;

/**
 * Opens a file that must not be changed, also in a folder that cannot be written.
 *
 * SQLite leaves files beside a WAL database even when it only reads. With no log to read and nobody at work on the file it is
 * therefore opened as immutable, which writes nothing at all. SQLite then neither locks the file nor notices a change, so each
 * read looks before and after: when somebody has opened it for writing, or did so meanwhile, it is opened anew. A file that
 * others change all the time without keeping it open fails with `UNAVAILABLE`.
 */
export function openReadOnlyReader<T>(path: string, prepare: Prepare<T>): Reader<T> {
  let opened = openAsItIs(path, prepare);
  const used = new Set([opened]);
  const closeUnlessUsed = (file: OpenedFile<T>) => {
    if (file !== opened && file.users === 0 && used.delete(file)) {
      file.connection.close();
    }
  };
  const take = () => {
    if (isOutdated(path, opened)) {
      const before = opened;
      opened = openAsItIs(path, prepare);
      used.add(opened);
      closeUnlessUsed(before);
    }
    return opened;
  };
  /** The outcome of a query; `undefined` when it may be about a file that has changed. */
  const attempt = async <R>(query: (prepared: T) => Promise<R>): Promise<PromiseSettledResult<R> | undefined> => {
    const file = take();
    if (isOutdated(path, file)) {
      await wait(TIME_STEP_MS);
      return undefined;
    }
    file.users += 1;
    const [outcome] = await Promise.allSettled([query(file.prepared)]);
    file.users -= 1;
    const isDoubtful = isOutdated(path, file);
    closeUnlessUsed(file);
    return isDoubtful ? undefined : outcome;
  };
  return {
    use: async (query) => {
      for (let attempts = 0; attempts < MAX_ATTEMPTS; attempts += 1) {
        const outcome = await attempt(query);
        if (outcome?.status === 'rejected') {
          throw outcome.reason;
        }
        if (outcome !== undefined) {
          return outcome.value;
        }
      }
      const advice = 'try again, or open it for writing';
      throw new StorageError('UNAVAILABLE', `The database "${path}" was changed by others each time: ${advice}.`);
    },
    close: () => used.forEach(({ connection }) => connection.close()),
  };
}

/** An open file; in a live one SQLite sees every change by itself. */
interface OpenedFile<T> extends Connected<T> {
  readonly isLive: boolean;
  readonly stamp: string | undefined;
  users: number;
}

function openAsItIs<T>(path: string, prepare: Prepare<T>): OpenedFile<T> {
  // Read first: what changes while the file is opened shows as a change afterwards.
  const stamp = readStamp(path);
  const connected = isInUse(path) ? connectLive(path, prepare) : connectImmutable(path, prepare);
  return { ...connected, stamp, users: 0 };
}

function isOutdated<T>(path: string, { isLive, stamp }: OpenedFile<T>): boolean {
  return !isLive && (stamp === undefined || readStamp(path) !== stamp);
}

/**
 * Tells whether a file is the same and unchanged, and whether others are at work on it; `undefined` when it was changed so
 * recently that another change could show the same. The change counter in the header does not help: in a WAL database
 * it may stay as it is.
 */
function readStamp(path: string): string | undefined {
  const inUse = isInUse(path);
  const found = statSync(path, { throwIfNoEntry: false, bigint: true });
  if (found === undefined) {
    return 'absent';
  }
  const ageMs = Date.now() - Number(found.ctimeMs);
  return ageMs >= 0 && ageMs < TIME_STEP_MS
    ? undefined
    : [found.dev, found.ino, found.size, found.mtimeNs, found.ctimeNs, inUse].join(' ');
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

function connectImmutable<T>(path: string, prepare: Prepare<T>) {
  return { ...connect(`${pathToFileURL(path).href}?immutable=1`, prepare), isLive: false };
}

/** Opens a file with a log, which holds records that the file itself may lack: it is never ignored. */
function connectLive<T>(path: string, prepare: Prepare<T>) {
  try {
    return { ...connect(`${pathToFileURL(path).href}?mode=ro`, prepare), isLive: true };
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
