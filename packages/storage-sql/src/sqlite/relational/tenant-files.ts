import { mkdir, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { StorageError } from '@sorcha/storage';
import type { SqliteDatabase } from '../open-database.ts';
import type { CellTables } from '../rows/session.ts';

type Database = SqliteDatabase<CellTables>;

/** The files of tenants, opened when they are used. */
export interface TenantFiles {
  /**
   * Runs `call` with the file of a tenant. To read, an absent file is left absent: `call` gets `undefined`; to write, it is
   * created.
   */
  use<T>(id: string, purpose: 'read' | 'write', call: (database: Database | undefined) => Promise<T>): Promise<T>;
  /** How many files are open now. */
  openCount(): number;
  /** Waits for the calls that were made and releases all files. */
  close(): Promise<void>;
}

interface OpenFile {
  readonly opening: Promise<Database>;
  users: number;
}

/**
 * Keeps at most `maxOpen` files open: of those that no call uses, the one used longest ago is closed first. Files in use are never
 * closed, so with more calls at once than `maxOpen` there are more for that time.
 *
 * @param options.open opens and prepares a file; its folder exists unless the store is read-only.
 */
export function createTenantFiles(options: {
  readonly folder: string;
  readonly isReadOnly: boolean;
  readonly maxOpen: number;
  readonly open: (file: string) => Promise<Database>;
}): TenantFiles {
  const { folder, isReadOnly, maxOpen, open } = options;
  /** The one used last stands last. */
  const files = new Map<string, OpenFile>();
  const closing = new Set<Promise<void>>();

  const closeFile = (file: OpenFile) => {
    const closed = (async () => (await file.opening).close())();
    closing.add(closed);
    void closed.catch(() => undefined).finally(() => closing.delete(closed));
  };
  const closeIdle = () => {
    for (const [id, file] of files) {
      if (files.size <= maxOpen) {
        return;
      }
      if (file.users === 0) {
        files.delete(id);
        closeFile(file);
      }
    }
  };
  const acquire = (id: string): OpenFile => {
    const file = files.get(id) ?? { opening: openFile(toPath(folder, id), isReadOnly, open), users: 0 };
    file.users += 1;
    files.delete(id);
    files.set(id, file);
    closeIdle();
    return file;
  };
  return {
    use: async (id, purpose, call) => {
      if (!files.has(id) && (purpose === 'read' || isReadOnly) && !(await hasContent(toPath(folder, id)))) {
        if (purpose === 'read') {
          return call(undefined);
        }
        throw new StorageError('UNAVAILABLE', `The tenants in "${folder}" are read-only; open the store for writing.`);
      }
      const file = acquire(id);
      try {
        return await call(await waitUntilOpen(files, id, file));
      } finally {
        file.users -= 1;
        closeIdle();
      }
    },
    openCount: () => files.size,
    close: async () => {
      for (const [id, file] of files) {
        files.delete(id);
        closeFile(file);
      }
      await Promise.allSettled(closing);
    },
  };
}

/** Waits until a file is open; one that cannot be opened is tried again by the next call. */
async function waitUntilOpen(files: Map<string, OpenFile>, id: string, file: OpenFile): Promise<Database> {
  try {
    return await file.opening;
  } catch (error) {
    if (files.get(id) === file) {
      files.delete(id);
    }
    throw error;
  }
}

async function openFile(
  path: string,
  isReadOnly: boolean,
  open: (file: string) => Promise<Database>,
): Promise<Database> {
  if (!isReadOnly) {
    await createFolder(dirname(path));
  }
  return open(path);
}

async function createFolder(folder: string): Promise<void> {
  try {
    await mkdir(folder, { recursive: true });
  } catch (cause) {
    const advice = 'give this process write access to the folder that it stands in';
    throw new StorageError('UNAVAILABLE', `The folder "${folder}" of the tenants cannot be created: ${advice}.`, {
      cause,
    });
  }
}

function toPath(folder: string, id: string): string {
  return join(folder, `${id}.sqlite`);
}

/** Says whether there is a file that something was written to; one that is being created is still empty. */
async function hasContent(path: string): Promise<boolean> {
  return ((await stat(path).catch(() => undefined))?.size ?? 0) > 0;
}
