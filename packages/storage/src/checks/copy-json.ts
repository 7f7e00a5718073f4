import { isPlainObject } from '../filter/parse-operand.ts';
import type { JsonValue } from '../json-value.ts';
import { StorageError } from '../storage-error.ts';
import { checkText } from './check-text.ts';

/** The deepest nesting of a stored value; the value itself counts as 1. */
const MAX_DEPTH = 100;

/**
 * Copies a value and checks that it is JSON that every store can keep. Members that are `undefined` are left out, -0
 * becomes 0.
 *
 * @param path where the value stands, for the message.
 * @throws StorageError `INVALID` names the path of the first thing that cannot be kept.
 */
export function copyJson(value: unknown, path: string): JsonValue {
  return copy(value, path, 1);
}

function copy(value: unknown, path: string, depth: number): JsonValue {
  if (value === null || typeof value === 'boolean') {
    return value;
  }
  if (typeof value === 'string') {
    return checkText(value, path);
  }
  if (typeof value === 'number') {
    if (!Number.isFinite(value)) {
      throw refused(path, `${value} is not a JSON number`);
    }
    return value === 0 ? 0 : value;
  }
  if (typeof value !== 'object') {
    throw refused(path, `${typeof value} is not a JSON value`);
  }
  if (depth > MAX_DEPTH) {
    throw refused(path, `it is nested deeper than ${MAX_DEPTH}`);
  }
  if (Array.isArray(value)) {
    return copyArray(value, path, depth);
  }
  if (!isPlainObject(value)) {
    throw refused(path, 'an instance of a class is not a JSON value; store plain objects');
  }
  return copyObject(value, path, depth);
}

function copyArray(list: readonly unknown[], path: string, depth: number): JsonValue {
  return Array.from(list, (element, index) => copy(element, `${path}[${index}]`, depth + 1));
}

function copyObject(object: Readonly<Record<string, unknown>>, path: string, depth: number): JsonValue {
  const result: Record<string, JsonValue> = {};
  for (const [name, member] of Object.entries(object)) {
    if (name === '__proto__') {
      throw refused(path, 'it has a member "__proto__"');
    }
    checkText(name, `A member name in ${path}`);
    if (member !== undefined) {
      result[name] = copy(member, `${path}.${name}`, depth + 1);
    }
  }
  return result;
}

function refused(path: string, problem: string): StorageError {
  return new StorageError('INVALID', `${path} cannot be stored: ${problem}.`);
}
