import { chmod, readdir } from 'node:fs/promises';
import { join } from 'node:path';

const NOBODY = 65_534;

/**
 * Runs `work` as someone who may read a folder and all that is in it but not write it. The superuser may write everything, so
 * it gives up that right meanwhile.
 */
export async function runWithoutWriteAccess<T>(folder: string, work: () => Promise<T>): Promise<T> {
  const entries = await readdir(folder, { withFileTypes: true, recursive: true });
  const paths = entries.map((entry) => ({ path: join(entry.parentPath, entry.name), isFolder: entry.isDirectory() }));
  const places = [{ path: folder, isFolder: true }, ...paths];
  await Promise.all(places.map(async ({ path, isFolder }) => chmod(path, isFolder ? 0o555 : 0o444)));
  const isSuperuser = process.geteuid?.() === 0;
  if (isSuperuser) {
    process.seteuid?.(NOBODY);
  }
  try {
    return await work();
  } finally {
    if (isSuperuser) {
      process.seteuid?.(0);
    }
    await Promise.all(places.map(async ({ path, isFolder }) => chmod(path, isFolder ? 0o755 : 0o644)));
  }
}
