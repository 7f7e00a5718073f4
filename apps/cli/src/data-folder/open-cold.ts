import { docketWorm } from '@sorcha/register';
import { type Clock, StorageError, type WormStore } from '@sorcha/storage';
import { createMemoryWormStore } from '@sorcha/storage/memory';
import { openSqliteWormStore } from '@sorcha/storage-sql';
import { createGuardedStore, type GuardedStore } from './create-guarded-store.ts';
import { isLostFile } from './find-losses.ts';
import { readKind } from './read-kind.ts';

/**
 * Opens the write-once store of a complete data folder for reading. It is never made here, because a new one would look like a
 * fresh start: one that is gone reads as empty, so that what is missing is reported like any other damage, and takes nothing.
 * Opened for writing, a file without the table would be given one, and one without its triggers these: so that comes last.
 *
 * @throws StorageError `CORRUPTED` when the file is not the store that it was, or something beside it keeps it from being read:
 * whoever can write there can make it anything.
 */
export async function openCold(file: string, clock: Clock): Promise<GuardedStore> {
  const stray = COMPANIONS.map((end) => `${file}${end}`).find((path) => !['file', 'absent'].includes(readKind(path)));
  if (stray !== undefined) {
    throw damaged(file, `"${stray}" is no file. Move it away; if that is not enough,`);
  }
  if (isLostFile(file)) {
    return openMissingCold(file, clock);
  }
  const open = async (readOnly: boolean) => {
    try {
      return await openSqliteWormStore({ file, definition: docketWorm, clock, readOnly });
    } catch (cause) {
      throw toDamage(file, cause);
    }
  };
  return createGuardedStore(await open(true), async () => {
    if (isLostFile(file)) {
      throw missing(file);
    }
    return open(false);
  });
}

/** What SQLite opens: the file and what it looks for beside it. */
const COMPANIONS = ['', '-wal', '-shm', '-journal'];

/** The format of the data folder stands for that of the store in it, so another kind, version or shape is damage. */
const UNUSABLE: ReadonlySet<string> = new Set(['CORRUPTED', 'INCOMPATIBLE_SERVER']);

/** What the storage advises is for whoever chose the file; here it is chosen already. */
function toDamage(file: string, cause: unknown): unknown {
  if (!(cause instanceof StorageError)) {
    return cause;
  }
  if (UNUSABLE.has(cause.code)) {
    return damaged(file, 'its file is not what it was. To get it back,', cause);
  }
  const journal = `${file}-journal`;
  return cause.code === 'UNAVAILABLE' && !isLostFile(journal)
    ? damaged(
        file,
        `"${journal}" keeps it from being read, and is not from sorcha. Move it away; if that is not enough,`,
        cause,
      )
    : cause;
}

function damaged(file: string, problem: string, cause?: unknown): StorageError {
  const advice = 'restore cold/ from a backup. Everything else in the data folder is safe, and stays as it is';
  return new StorageError('CORRUPTED', `The write-once store "${file}" is damaged: ${problem} ${advice}.`, { cause });
}

function missing(file: string): StorageError {
  return new StorageError('UNAVAILABLE', `The write-once store "${file}" is missing; restore it from a backup.`);
}

function openMissingCold(file: string, clock: Clock): GuardedStore {
  const refuse = async (): Promise<never> => {
    throw missing(file);
  };
  const empty: WormStore<string> = createMemoryWormStore({ definition: docketWorm, clock });
  return createGuardedStore({ ...empty, append: refuse, appendBatch: refuse }, refuse);
}
