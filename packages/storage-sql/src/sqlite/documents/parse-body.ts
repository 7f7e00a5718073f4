import { StorageError } from '@sorcha/storage';

/** Reads the stored text of a document. `CORRUPTED` when it is no JSON object. */
export function parseBody(body: unknown): object {
  let cause: unknown;
  try {
    const document: unknown = JSON.parse(typeof body === 'string' ? body : '');
    if (typeof document === 'object' && document !== null) {
      return document;
    }
  } catch (error) {
    cause = error;
  }
  throw new StorageError('CORRUPTED', 'The body of a document is no JSON object; restore the file from a copy.', {
    cause,
  });
}
