import { readFileSync } from 'node:fs';

import { readKind } from './read-kind.ts';

/**
 * The text of a file. Errors are those of the file system; `undefined` for what is there and no file: to open a pipe would wait
 * for whoever writes to it, for ever.
 */
export function readTextFile(path: string): string | undefined {
  return ['folder', 'other'].includes(readKind(path)) ? undefined : readFileSync(path, 'utf8');
}
