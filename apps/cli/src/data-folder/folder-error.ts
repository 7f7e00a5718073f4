import { CliError } from '../cli-error.ts';

/** Says whether an error of the file system has the given code. */
export function hasErrorCode(error: unknown, ...codes: readonly string[]): boolean {
  return error instanceof Error && 'code' in error && typeof error.code === 'string' && codes.includes(error.code);
}

/** What a person can do about an error of the file system when a folder cannot be written. */
const REMEDIES: Readonly<Record<string, string>> = {
  EACCES: 'this user may not write there; change its permissions or choose another --data folder',
  EPERM: 'the file system does not permit it; check its flags and mount options or choose another --data folder',
  EROFS: 'it lies on a read-only file system; choose another --data folder',
  ENOSPC: 'the disk is full; free some space and run the command again',
  EDQUOT: 'the disk quota is used up; free some space and run the command again',
  EFBIG: 'a limit on the size of files was reached; raise it (ulimit -f) and run the command again',
  ENOTDIR: 'a part of that path is a file; choose another --data folder',
  ENAMETOOLONG: 'the path is too long; choose another --data folder',
};

/** Runs work on a folder; an error of the file system becomes `FOLDER_UNWRITABLE` with what to do. */
export async function withFolderErrors<T>(folder: string, work: () => T | Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    for (const [code, remedy] of Object.entries(REMEDIES)) {
      if (hasErrorCode(error, code)) {
        throw new CliError('FOLDER_UNWRITABLE', `Cannot write to "${folder}" (${code}): ${remedy}.`, { cause: error });
      }
    }
    throw error;
  }
}
