import { constants } from 'node:fs';
import { open } from 'node:fs/promises';
import { StorageError } from '@sorcha/storage';

/** How `writeDurably` opens the file: it must be `new`, or the bytes go to a `position` of one that may be there. */
export type WriteMode = 'new' | { readonly position: number };

/** Whoever opens a pipe that stands in the place of a file would wait for its other end, for ever. */
const WITHOUT_WAITING = constants.O_NONBLOCK;

/** Writes bytes and returns once they are on the medium. Creates the file if it is absent. */
export async function writeDurably(path: string, bytes: Uint8Array, mode: WriteMode): Promise<void> {
  const { O_CREAT, O_WRONLY, O_EXCL } = constants;
  const file = await open(path, O_CREAT | O_WRONLY | WITHOUT_WAITING | (mode === 'new' ? O_EXCL : 0));
  try {
    const { bytesWritten } = await file.write(bytes, 0, bytes.length, mode === 'new' ? 0 : mode.position);
    if (bytesWritten !== bytes.length) {
      throw new StorageError(
        'UNAVAILABLE',
        `Only ${bytesWritten} of ${bytes.length} bytes fit into "${path}"; free some space.`,
      );
    }
    await file.sync();
  } finally {
    await file.close();
  }
}

/** Makes the names in a folder durable: new, renamed and removed files. */
export async function syncFolder(folder: string): Promise<void> {
  const handle = await open(folder, 'r');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}

/** The contents of a file. What is there and no file, such as a pipe or a device, is `UNAVAILABLE`. */
export async function readWhole(path: string): Promise<Buffer> {
  await using file = await open(path, constants.O_RDONLY | WITHOUT_WAITING);
  if (!(await file.stat()).isFile()) {
    throw new StorageError('UNAVAILABLE', `"${path}" is no file; move it away, and restore the file from a copy.`);
  }
  return await file.readFile();
}

/** The contents of a file, as `readWhole` has them; empty when it is absent. */
export async function readIfPresent(path: string): Promise<Buffer> {
  try {
    return await readWhole(path);
  } catch (error) {
    if (isSystemError(error, 'ENOENT')) {
      return Buffer.alloc(0);
    }
    throw error;
  }
}

/** True for an error of the operating system with this code. */
export function isSystemError(error: unknown, code: string): boolean {
  return error instanceof Error && 'code' in error && error.code === code;
}

/** Runs file work and turns errors of the operating system into `UNAVAILABLE`, with what to do. */
export async function withFileErrors<T>(folder: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (cause) {
    if (!(cause instanceof Error && 'syscall' in cause)) {
      throw cause;
    }
    const advice = isSystemError(cause, 'ENOSPC')
      ? 'free some space'
      : 'check that the folder exists and can be written';
    throw new StorageError('UNAVAILABLE', `The anchor folder "${folder}" failed (${cause.message}); ${advice}.`, {
      cause,
    });
  }
}
