import { StorageError } from '@sorcha/storage';
import { parseCell } from './parse-cell.ts';

/** Reads the stored text of a document. `CORRUPTED` when it is no JSON object. */
export function parseBody(body: unknown): object {
  const document = parseCell(body, 'body');
  if (typeof document !== 'object' || document === null) {
    throw new StorageError('CORRUPTED', 'The body of a document is no JSON object; restore the database from a copy.');
  }
  return document;
}
