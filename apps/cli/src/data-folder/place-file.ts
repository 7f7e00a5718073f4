import { closeSync, fsyncSync, linkSync, mkdirSync, openSync, rmSync, writeFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { hasErrorCode } from './folder-error.ts';

/** Names of files that a kill can leave behind and that may always be removed. */
export const TEMPORARY_NAME = /^\.[a-z.]+\.\d+\.tmp$/;

/**
 * Writes a file whole or not at all and never over another: a temporary file, made durable, takes the name in one step.
 * Returns `false` when the name was taken, and leaves that file as it is.
 */
export function placeFile(path: string, text: string, mode: number): boolean {
  const temporary = join(dirname(path), `.${basename(path)}.${process.pid}.tmp`);
  try {
    writeDurably(temporary, text, mode);
    linkSync(temporary, path);
    return true;
  } catch (error) {
    if (hasErrorCode(error, 'EEXIST')) {
      return false;
    }
    throw error;
  } finally {
    rmSync(temporary, { force: true });
    syncFolder(dirname(path));
  }
}

/** Writes a file, over one that is there, and returns once it is on the medium. */
export function writeDurably(path: string, text: string, mode: number): void {
  const descriptor = openSync(path, 'w', mode);
  try {
    writeFileSync(descriptor, text);
    fsyncSync(descriptor);
  } finally {
    closeSync(descriptor);
  }
}

/** Makes a folder and those around it, unless it is there, and makes its name durable. */
export function placeFolder(path: string): void {
  if (mkdirSync(path, { recursive: true }) !== undefined) {
    syncFolder(dirname(path));
    syncFolder(dirname(dirname(path)));
  }
}

/** Makes the names in a folder durable. */
export function syncFolder(folder: string): void {
  if (process.platform === 'win32') {
    return;
  }
  const descriptor = openSync(folder, 'r');
  try {
    fsyncSync(descriptor);
  } finally {
    closeSync(descriptor);
  }
}
