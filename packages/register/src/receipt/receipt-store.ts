import { randomUUID } from 'node:crypto';
import { mkdir, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { readIfPresent, syncFolder, withFileErrors, writeDurably } from '../anchor/durable-file.ts';
import { quote } from '../docket/parsed.ts';
import { RegisterError } from '../docket/register-error.ts';
import { isRegisterId } from '../docket/register-id.ts';

/**
 * Where receipts are kept: outside of cold storage, as heads are. What is lost or damaged there costs a full verification, nothing else.
 * Every call can fail with `StorageError` `UNAVAILABLE`.
 */
export interface ReceiptStore {
  /** The newest receipt of a register; `undefined` when there is none. */
  read(registerId: string): Promise<Uint8Array | undefined>;
  /** Keeps a receipt in place of the one before, all of it or none. */
  write(registerId: string, receipt: Uint8Array): Promise<void>;
}

/** Keeps receipts in memory, for tests. */
export function createMemoryReceiptStore(): ReceiptStore {
  const receipts = new Map<string, Uint8Array>();
  return {
    read: async (registerId) => receipts.get(registerId),
    write: async (registerId, receipt) => void receipts.set(registerId, receipt),
  };
}

/**
 * Keeps receipts as files of a folder, `<register>.receipt`, each replaced as a whole.
 *
 * @throws RegisterError `INVALID` when `folder` is no path.
 */
export function openFileReceiptStore(options: { readonly folder: string }): ReceiptStore {
  const given: unknown = options;
  const folder = typeof given === 'object' && given !== null ? options.folder : '';
  if (typeof folder !== 'string' || folder === '') {
    throw new RegisterError('INVALID', 'A file receipt store needs the option "folder"; hand in its path.');
  }
  const toPath = (registerId: string) => {
    if (!isRegisterId(registerId)) {
      throw new RegisterError('INVALID', `${quote(String(registerId))} is not a register id.`);
    }
    return join(folder, `${registerId}.receipt`);
  };
  return {
    read: async (registerId) =>
      withFileErrors(folder, async () => {
        const bytes = await readIfPresent(toPath(registerId));
        return bytes.length === 0 ? undefined : bytes;
      }),
    write: async (registerId, receipt) =>
      withFileErrors(folder, async () => {
        const path = toPath(registerId);
        const draft = `${path}.${randomUUID()}`;
        await mkdir(folder, { recursive: true });
        try {
          await writeDurably(draft, receipt, 'new');
          await rename(draft, path);
        } catch (error) {
          await rm(draft, { force: true });
          throw error;
        }
        await syncFolder(folder);
      }),
  };
}
