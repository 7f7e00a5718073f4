import { closeSync, fsyncSync, linkSync, openSync, unlinkSync, writeFileSync } from 'node:fs';
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
  const descriptor = openSync(temporary, 'w', mode);
  try {
    writeFileSync(descriptor, text);
    fsyncSync(descriptor);
  } finally {
    closeSync(descriptor);
  }
  try {
    linkSync(temporary, path);
    return true;
  } catch (error) {
    if (hasErrorCode(error, 'EEXIST')) {
      return false;
    }
    throw error;
  } finally {
    unlinkSync(temporary);
    syncFolder(dirname(path));
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
