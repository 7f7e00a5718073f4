import { StorageError } from '@sorcha/storage';

/** Refuses a change of what someone else has changed meanwhile: `VERSION_CONFLICT`. Without `expected`, any version will do. */
export function requireVersion(what: string, found: number, expected: number | undefined): void {
  if (expected !== undefined && expected !== found) {
    throw new StorageError('VERSION_CONFLICT', `The ${what} is at version ${found}, not ${expected}; read it again.`);
  }
}
