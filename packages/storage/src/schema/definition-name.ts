import { StorageError } from '../storage-error.ts';

/** Refuses names that could not be a table or collection on every provider. */
export function checkDefinitionName(name: string): void {
  if (!/^[a-z][a-z0-9_]{0,47}$/.test(name)) {
    throw new StorageError(
      'INVALID',
      `"${name}" cannot name an entity or document: use 1 to 48 characters of a-z 0-9 _, starting with a letter.`,
    );
  }
}
