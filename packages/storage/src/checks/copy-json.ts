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

/** Copies a value that {@link copyJson} has made: there is nothing left to check, so it takes a fraction of the time. */
export function cloneJson(value: JsonValue): JsonValue {
  if (typeof value !== 'object' || value === null) {
    return value;
  }
  if (isList(value)) {
    return value.map(cloneJson);
  }
  const result: Record<string, JsonValue> = {};
  for (const name of Object.keys(value)) {
    result[name] = cloneJson(value[name] ?? null);
  }
  return result;
}

/** `Array.isArray`, also for lists that are only read. */
function isList(value: JsonValue): value is readonly JsonValue[] {
  return Array.isArray(value);
}

function copy(value: unknown, path: string, depth: number): JsonValue {
  if (value === null || typeof value === 'boolean') {
    return value;
  }
  if (typeof value === 'string') {
    return isKept(value) ? value : checkText(value, path);
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
  const result: JsonValue[] = [];
  for (let index = 0; index < list.length; index += 1) {
    result.push(copy(list[index], `${path}[${index}]`, depth + 1));
  }
  return result;
}

function copyObject(object: Readonly<Record<string, unknown>>, path: string, depth: number): JsonValue {
  const result: Record<string, JsonValue> = {};
  for (const name of Object.keys(object)) {
    if (name === '__proto__') {
      throw refused(path, 'it has a member "__proto__"');
    }
    if (!isKept(name)) {
      checkText(name, `A member name in ${path}`);
    }
    const member = object[name];
    if (member !== undefined) {
      result[name] = copy(member, `${path}.${name}`, depth + 1);
    }
  }
  return result;
}

/** Whether `checkText` has nothing to say about a text, found out at less cost. */
function isKept(text: string): boolean {
  return text.isWellFormed() && !text.includes('\u0000');
}

function refused(path: string, problem: string): StorageError {
  return new StorageError('INVALID', `${path} cannot be stored: ${problem}.`);
}
