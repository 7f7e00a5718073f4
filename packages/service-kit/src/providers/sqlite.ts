import { access, constants, mkdir, stat } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import { StorageError } from '@sorcha/storage';
import { fileSetting, wholeNumberSetting } from '../config/settings.ts';
import { defineProvider, type Inspected } from './provider.ts';

const settings = {
  file: fileSetting('the path of a file; its folder is made when it is absent'),
  busyTimeoutMs: wholeNumberSetting(0, 600_000, 'in milliseconds').default(5_000),
};

const blame = () => 'file';

/** The embedded default: durable files, no server. */
export const sqliteProviders = [
  defineProvider({
    port: 'relational',
    name: 'sqlite',
    settings: { ...settings, maxOpenTenants: wholeNumberSetting(1, 100_000).default(64) },
    blame,
    inspect,
    open: (chosen) => async (entities) => {
      const { openSqliteRelationalStore } = await load(chosen.file);
      return openSqliteRelationalStore({ ...chosen, entities });
    },
  }),
  defineProvider({
    port: 'documents',
    name: 'sqlite',
    settings,
    blame,
    inspect,
    open: (chosen) => async (definition) => {
      const { openSqliteDocumentStore } = await load(chosen.file);
      return openSqliteDocumentStore({ ...chosen, definition });
    },
  }),
  defineProvider({
    port: 'worm',
    name: 'sqlite',
    settings,
    blame,
    inspect,
    open: (chosen) => async (definition) => {
      const { openSqliteWormStore } = await load(chosen.file);
      return openSqliteWormStore({ ...chosen, definition });
    },
  }),
];

/** Looks at the file, or at the place where it would be made. */
async function inspect({ file }: { readonly file: string }): Promise<readonly Inspected[]> {
  if (await isThere(file)) {
    const { openSqliteRelationalStore } = await import('@sorcha/storage-sql');
    const store = await openSqliteRelationalStore({ file, entities: [], readOnly: true });
    try {
      const { status, detail } = await store.health();
      await access(file, constants.W_OK);
      // To be open for reading only is a restriction of this look, not of the file.
      const found = status === 'fail' ? detail : 'it can be read and written';
      return [{ status: status === 'fail' ? 'fail' : 'pass', detail: `"${file}": ${found}` }];
    } finally {
      await store.close();
    }
  }
  let folder = dirname(resolve(file));
  while (!(await isThere(folder)) && folder !== dirname(folder)) {
    folder = dirname(folder);
  }
  await access(folder, constants.W_OK);
  if (!(await stat(folder)).isDirectory()) {
    throw new StorageError('UNAVAILABLE', `"${folder}" is no folder, so "${file}" cannot be made`);
  }
  return [{ status: 'pass', detail: `"${file}" is not there yet; it can be made` }];
}

async function isThere(path: string): Promise<boolean> {
  return stat(path).then(
    () => true,
    () => false,
  );
}

async function load(file: string) {
  try {
    await mkdir(dirname(file), { recursive: true });
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    const message = `The folder of "${file}" cannot be made: name another file, or give this process the right (${reason}).`;
    throw new StorageError('UNAVAILABLE', message, { cause });
  }
  return import('@sorcha/storage-sql');
}
