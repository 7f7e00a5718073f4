import { open, stat } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import { StorageError } from '@sorcha/storage';

/** `application_id` of every database file of this package: "Sorc". */
export const APPLICATION_ID = 0x536f7263;

/** `user_version` of the files that this package writes. */
export const FILE_VERSION = 1;

/** The first 16 bytes of every SQLite database. Header: https://www.sqlite.org/fileformat.html#the_database_header */
const MAGIC = Buffer.from('SQLite format 3\0', 'latin1');
const HEADER_SIZE = 100;
/** With which version of the format the file may be written; SQLite only reads one with a higher number than it knows. */
const WRITE_VERSION_OFFSET = 18;
const WAL_VERSION = 2;
const USER_VERSION_OFFSET = 60;
const APPLICATION_ID_OFFSET = 68;

/**
 * Checks, by reading its header only, that a file can be used, and returns its absolute path: it is a database of this
 * package in a version that it knows, or it is absent or empty and may be written. So a foreign file is never touched.
 *
 * @throws StorageError `INVALID` for a path that names no file, `UNAVAILABLE` when the folder or a file that is only read is
 * absent, `INCOMPATIBLE_SERVER` for a foreign file or a newer version, `CORRUPTED` for a file with a damaged or cut header.
 */
export async function checkDatabaseFile(file: string, options: { readonly readOnly: boolean }): Promise<string> {
  if (typeof file !== 'string' || file === '' || file.includes('\0') || file === ':memory:') {
    const advice = 'name a file; for throw-away data use the memory store';
    throw new StorageError('INVALID', `${JSON.stringify(file)} cannot be the file of a store: ${advice}.`);
  }
  const path = resolve(file);
  const folder = dirname(path);
  const isFolder = (await stat(folder).catch(() => undefined))?.isDirectory() === true;
  if (!isFolder) {
    throw new StorageError('UNAVAILABLE', `There is no folder "${folder}" for the database "${path}"; create it.`);
  }
  await requireFiles(path);
  const header = await readHeader(path);
  if (header !== undefined && header.length > 0) {
    checkHeader(path, header, options);
  } else if (options.readOnly) {
    const problem = header === undefined ? 'does not exist' : 'is empty';
    throw new StorageError('UNAVAILABLE', `The database "${path}" ${problem}; open it for writing once to create it.`);
  }
  return path;
}

/**
 * Refuses a database of another application or version.
 *
 * @throws StorageError `INCOMPATIBLE_SERVER`.
 */
export function checkFileIdentity(path: string, applicationId: number, version: number): void {
  if (applicationId !== APPLICATION_ID) {
    throw foreignFile(path);
  }
  if (version !== FILE_VERSION) {
    const advice = `this software knows version ${FILE_VERSION}; use the software that wrote it`;
    throw new StorageError('INCOMPATIBLE_SERVER', `The database "${path}" has version ${version}: ${advice}.`);
  }
}

/** The error for a file whose header shows nothing of ours: it may never have been ours, or have been damaged since. */
function foreignFile(path: string): StorageError {
  const advice = 'name another file, or restore this one from a copy; it was not touched';
  return new StorageError(
    'INCOMPATIBLE_SERVER',
    `"${path}" is no Sorcha database, or its header is damaged: ${advice}.`,
  );
}

function checkHeader(path: string, header: Buffer, { readOnly }: { readonly readOnly: boolean }): void {
  const damaged = () =>
    new StorageError('CORRUPTED', `The header of the database "${path}" is damaged; restore it from a copy.`);
  const magic = header.subarray(0, MAGIC.length);
  if (!magic.equals(MAGIC.subarray(0, magic.length))) {
    const isOurs = header.length === HEADER_SIZE && header.readUInt32BE(APPLICATION_ID_OFFSET) === APPLICATION_ID;
    throw isOurs ? damaged() : foreignFile(path);
  }
  if (header.length < HEADER_SIZE) {
    throw new StorageError('CORRUPTED', `The database "${path}" is cut off within its header; restore it from a copy.`);
  }
  checkFileIdentity(path, header.readUInt32BE(APPLICATION_ID_OFFSET), header.readUInt32BE(USER_VERSION_OFFSET));
  if (!readOnly && header.readUInt8(WRITE_VERSION_OFFSET) > WAL_VERSION) {
    throw damaged();
  }
}

/** What SQLite opens beside a database. */
const COMPANIONS = ['', '-wal', '-shm', '-journal'];

/**
 * Refuses what is there and no file, before anything opens it: to open a pipe waits for whoever writes to it, for ever.
 *
 * @throws StorageError `UNAVAILABLE`.
 */
async function requireFiles(path: string): Promise<void> {
  for (const name of COMPANIONS.map((end) => `${path}${end}`)) {
    const found = await stat(name).catch(() => undefined);
    if (found !== undefined && !found.isFile()) {
      throw new StorageError('UNAVAILABLE', `"${name}" is no file; move it away, or name another database.`);
    }
  }
}

/** The first bytes of a file, at most the size of a header; `undefined` when it does not exist. */
async function readHeader(path: string): Promise<Buffer | undefined> {
  try {
    await using handle = await open(path, 'r');
    const buffer = Buffer.alloc(HEADER_SIZE);
    const { bytesRead } = await handle.read(buffer, 0, HEADER_SIZE, 0);
    return buffer.subarray(0, bytesRead);
  } catch (cause) {
    if (cause instanceof Error && 'code' in cause && cause.code === 'ENOENT') {
      return undefined;
    }
    throw new StorageError('UNAVAILABLE', `"${path}" cannot be read; check that it is a file with read access.`, {
      cause,
    });
  }
}
