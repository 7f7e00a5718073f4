import { docketWorm } from '@sorcha/register';
import { type Clock, StorageError, type WormStore } from '@sorcha/storage';
import { createMemoryWormStore } from '@sorcha/storage/memory';
import { openSqliteWormStore } from '@sorcha/storage-sql';
import { isLostFile } from './find-losses.ts';

/**
 * Opens the write-once store of a complete data folder. It is never made here, because a new one would look like a fresh
 * start: one that is gone reads as empty, so that what is missing is reported like any other damage, and takes nothing.
 *
 * @throws StorageError `CORRUPTED` when the file is not the store that it was: whoever can write there can make it anything.
 */
export async function openCold(
  file: string,
  options: { readonly isReadOnly: boolean; readonly clock: Clock },
): Promise<WormStore<string>> {
  const { isReadOnly, clock } = options;
  if (isLostFile(file)) {
    return openMissingCold(file, clock);
  }
  const open = async (readOnly: boolean) => openSqliteWormStore({ file, definition: docketWorm, clock, readOnly });
  try {
    const store = await open(true);
    if (isReadOnly) {
      return store;
    }
    // Opened for writing, a file without the table would be given one. So it was opened as it is first.
    await store.close();
    return await open(false);
  } catch (cause) {
    if (cause instanceof StorageError && UNUSABLE.has(cause.code)) {
      const advice = 'restore cold/ from a backup. Everything else in the data folder is safe, and stays as it is';
      throw new StorageError('CORRUPTED', `The write-once store is damaged: ${cause.message} Here, ${advice}.`, {
        cause,
      });
    }
    throw cause;
  }
}

/** The format of the data folder stands for that of the store in it, so another kind, version or shape is damage. */
const UNUSABLE: ReadonlySet<string> = new Set(['CORRUPTED', 'INCOMPATIBLE_SERVER']);

function openMissingCold(coldFile: string, clock: Clock): WormStore<string> {
  const refuse = async (): Promise<never> => {
    throw new StorageError('UNAVAILABLE', `The write-once store "${coldFile}" is missing; restore it from a backup.`);
  };
  return { ...createMemoryWormStore({ definition: docketWorm, clock }), append: refuse, appendBatch: refuse };
}
