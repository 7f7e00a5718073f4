import { StorageError } from '../storage-error.ts';
import { isDataObject, readMember } from './data-object.ts';

/** The most segments that a path may have. */
export const MAX_PATH_SEGMENTS = 32;

/**
 * Divides a dotted path into its segments.
 *
 * @param at where the path stands, for the message.
 * @throws StorageError `INVALID` when a segment is empty, starts with `$`, is `__proto__` or holds characters that no store
 * can keep, or when there are more than {@link MAX_PATH_SEGMENTS}.
 */
export function parsePath(path: string, at: string): readonly string[] {
  const segments = path.split('.', MAX_PATH_SEGMENTS + 1);
  if (segments.length > MAX_PATH_SEGMENTS) {
    throw new StorageError('INVALID', `Invalid path at ${at}: it has more than ${MAX_PATH_SEGMENTS} segments.`);
  }
  for (const segment of segments) {
    const problem = findNameProblem(segment);
    if (problem !== undefined) {
      throw new StorageError('INVALID', `Invalid path at ${at}: ${problem}.`);
    }
  }
  return segments;
}

/** Says what keeps a text from being the name of a member in a filter; `undefined` when nothing does. */
export function findNameProblem(name: string): string | undefined {
  if (name === '') {
    return 'a segment is empty; name a member';
  }
  if (name === '__proto__') {
    return '"__proto__" is not allowed as a member name';
  }
  if (name.startsWith('$')) {
    return `"${name}" starts with "$", which is kept for operators`;
  }
  return findTextProblem(name);
}

/** Says what keeps a text from being stored or searched for on every provider; `undefined` when nothing does. */
export function findTextProblem(text: string): string | undefined {
  if (!text.isWellFormed()) {
    return 'the text has a lone surrogate; use well-formed Unicode';
  }
  return text.includes('\u0000') ? 'the text has the character U+0000, which no store keeps' : undefined;
}

/** The array index that a path segment names, or `undefined`: `0`, `1`, `12`, but not `01`. */
export function toIndex(segment: string): number | undefined {
  return /^(?:0|[1-9]\d{0,8})$/.test(segment) ? Number(segment) : undefined;
}

/**
 * Reads the value at a path through nested objects; `undefined` when there is none. Arrays on the way are not entered: use
 * it where a path has one value, as for unique indexes.
 */
export function readPath(value: unknown, path: readonly string[]): unknown {
  let current = value;
  for (const segment of path) {
    if (!isDataObject(current)) {
      return undefined;
    }
    current = readMember(current, segment);
  }
  return current;
}
