import { access, constants, lstat, mkdir } from 'node:fs/promises';
import { homedir, tmpdir, userInfo } from 'node:os';
import { join } from 'node:path';

/**
 * Creates the folder for what is worth keeping between runs: `$XDG_CACHE_HOME/sorcha`, else `~/.cache/sorcha`. Where that cannot
 * be written, as for users without a home, one of this user in the temporary folder.
 */
export async function openCacheFolder(): Promise<string> {
  const folder = join(process.env['XDG_CACHE_HOME'] || join(homedir(), '.cache'), 'sorcha');
  try {
    await mkdir(folder, { recursive: true });
    await access(folder, constants.W_OK);
    return folder;
  } catch {
    return openTemporaryFolder();
  }
}

async function openTemporaryFolder(): Promise<string> {
  const { uid } = userInfo();
  const folder = join(tmpdir(), `sorcha-cache-${uid}`);
  await mkdir(folder, { recursive: true, mode: 0o700 });
  const found = await lstat(folder);
  if (!found.isDirectory() || found.uid !== uid) {
    throw new Error(`${folder} belongs to somebody else: set XDG_CACHE_HOME to a folder that you can write`);
  }
  return folder;
}
