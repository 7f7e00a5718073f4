import { chmod, readdir } from 'node:fs/promises';
import { join } from 'node:path';

const NOBODY = 65_534;

/**
 * Runs `work` as someone who may read a folder and its files but not write them. The superuser may write everything, so it gives
 * up that right meanwhile.
 */
export async function runWithoutWriteAccess<T>(folder: string, work: () => Promise<T>): Promise<T> {
  const files = await readdir(folder);
  await Promise.all(files.map(async (file) => chmod(join(folder, file), 0o444)));
  await chmod(folder, 0o555);
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
    await chmod(folder, 0o755);
    await Promise.all(files.map(async (file) => chmod(join(folder, file), 0o644)));
  }
}
