import { findTextProblem } from '../filter/filter-path.ts';
import { StorageError } from '../storage-error.ts';

/** C0 and C1 controls and DEL. */
const CONTROL = /\p{Cc}/u;

/** Checks that every store can keep a text as it is. `INVALID` names `path` otherwise. */
export function checkText(text: string, path: string): string {
  const problem = findTextProblem(text);
  if (problem !== undefined) {
    throw new StorageError('INVALID', `${path} cannot be stored: ${problem}.`);
  }
  return text;
}

/** Checks a text that identifies something: 1 to `maxLength` characters, none of them a control character. */
export function checkName(text: unknown, what: string, maxLength: number): string {
  if (typeof text !== 'string' || text.length < 1 || text.length > maxLength || CONTROL.test(text)) {
    throw new StorageError('INVALID', `${what} must be a string of 1 to ${maxLength} characters without controls.`);
  }
  return checkText(text, what);
}
