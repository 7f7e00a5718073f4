import { spawn } from 'node:child_process';
import { Socket } from 'node:net';
import { join } from 'node:path';
import type { Writable } from 'node:stream';

const WATCHDOG = join(import.meta.dirname, 'watchdog.ts');

let watchdog: Writable | undefined;

/**
 * Has the server in a folder ended and the folder removed when this process ends before it does so itself, even by
 * SIGKILL. Returns what takes that back.
 *
 * The watchdog is a process that reads the folders from a pipe; the kernel closes the pipe when this process is gone.
 */
export function guardFolder(folder: string): () => void {
  watchdog ??= startWatchdog();
  watchdog.write(`guard ${folder}\n`);
  return () => {
    watchdog?.write(`release ${folder}\n`);
  };
}

function startWatchdog(): Writable {
  // A session of its own: the Ctrl-C that ends the tests must not end it.
  const child = spawn(process.execPath, [WATCHDOG], { detached: true, stdio: ['pipe', 'ignore', 'ignore'], env: {} });
  child.unref();
  if (child.stdin instanceof Socket) {
    child.stdin.unref();
  }
  return child.stdin;
}
