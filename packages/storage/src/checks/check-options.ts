import { StorageError } from '../storage-error.ts';

/** Checks that options are an object or left out: `INVALID` names them otherwise. */
export function checkOptions(options: object | undefined, name = 'The options of a call'): void {
  if (options !== undefined && (typeof options !== 'object' || options === null)) {
    throw new StorageError('INVALID', `${name} must be an object; leave them out to have none.`);
  }
}
