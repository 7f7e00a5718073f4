import { StorageError } from '@sorcha/storage';

/** Why nothing was changed: what was asked for is absent (`found` is `undefined`), or is not at the version that was expected. */
export function toRefusal(what: string, found: number | undefined, expected: number): StorageError {
  return found === undefined
    ? new StorageError('NOT_FOUND', `There is no ${what}; it was deleted or never added.`)
    : new StorageError('VERSION_CONFLICT', `The ${what} is at version ${found}, not ${expected}; read it again.`);
}
