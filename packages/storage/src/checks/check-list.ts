import { StorageError } from '../storage-error.ts';

/** Checks that an argument is a list: `INVALID` names it otherwise. Of a list with holes, `undefined` is in their place. */
export function checkList<T>(list: readonly T[], name: string): readonly T[] {
  const isList: boolean = Array.isArray(list);
  if (!isList) {
    throw new StorageError('INVALID', `${name} must be a list; hand in an array.`);
  }
  return Array.from(list);
}
