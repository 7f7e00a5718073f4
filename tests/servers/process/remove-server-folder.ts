import { execFile } from 'node:child_process';
import { readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { killProcesses } from './signal-processes.ts';

/** Ends all processes of the server in a folder, at once, and removes all it kept. Repeatable. */
export async function removeServerFolder(folder: string): Promise<void> {
  await killProcesses(folder);
  await removeSharedMemory(join(folder, 'data', 'postmaster.pid'));
  await rm(folder, { recursive: true, force: true, maxRetries: 5 });
}

/** A PostgreSQL that was killed leaves a small segment of shared memory behind, named in the last field of line 7. */
async function removeSharedMemory(pidFile: string): Promise<void> {
  const text = await readFile(pidFile, 'utf8').catch(() => '');
  const id = /^(?:.*\n){6} *\d+ +(\d+)/.exec(text)?.[1];
  if (id !== undefined) {
    await promisify(execFile)('ipcrm', ['-m', id]).catch(() => undefined);
  }
}
