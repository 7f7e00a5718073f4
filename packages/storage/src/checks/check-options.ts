import { StorageError } from '../storage-error.ts';

/** Checks that options are an object or left out: `INVALID` names them otherwise. */
export function checkOptions(options: object | undefined, name = 'The options of a call'): void {
  if (options !== undefined && (typeof options !== 'object' || options === null)) {
    throw new StorageError('INVALID', `${name} must be an object; leave them out to have none.`);
  }
}

/** Checks that a store is opened with an option that it cannot do without, an object: `INVALID` names it otherwise. */
export function requireOption<O extends object>(options: O, name: keyof O & string): O {
  const given: unknown = options;
  const option: unknown = typeof given === 'object' && given !== null ? options[name] : undefined;
  if (typeof option !== 'object' || option === null) {
    throw new StorageError('INVALID', `A store needs options with "${name}"; hand in an object that has it.`);
  }
  return options;
}
