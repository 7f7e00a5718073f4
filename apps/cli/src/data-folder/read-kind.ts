import { statSync } from 'node:fs';
import { hasErrorCode } from './folder-error.ts';

/** What lies at a path, links followed; `other` is what is neither, a pipe or a link to itself. Errors of the file system otherwise. */
export function readKind(path: string): 'file' | 'folder' | 'other' | 'absent' {
  try {
    const found = statSync(path, { throwIfNoEntry: false });
    if (found === undefined) {
      return 'absent';
    }
    return found.isFile() ? 'file' : found.isDirectory() ? 'folder' : 'other';
  } catch (error) {
    if (hasErrorCode(error, 'ELOOP')) {
      return 'other';
    }
    throw error;
  }
}
