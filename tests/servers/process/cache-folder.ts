import { mkdir } from 'node:fs/promises';
import { homedir } from 'node:os';
import { join } from 'node:path';

/** Creates the folder for what is worth keeping between runs (`$XDG_CACHE_HOME/sorcha`, else `~/.cache/sorcha`). */
export async function openCacheFolder(): Promise<string> {
  const folder = join(process.env['XDG_CACHE_HOME'] || join(homedir(), '.cache'), 'sorcha');
  await mkdir(folder, { recursive: true });
  return folder;
}
