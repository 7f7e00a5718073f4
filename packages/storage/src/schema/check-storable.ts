import { z } from 'zod';
import { StorageError } from '../storage-error.ts';
import { unwrapSchema } from './find-path-problem.ts';

/** Schemas of values that JSON does not carry, and what to declare in their place. */
const unstorable = [
  [z.ZodDate, 'a date', 'declare z.iso.datetime() and keep the text'],
  [z.ZodBigInt, 'a bigint', 'declare z.int(), or a string'],
  [z.ZodMap, 'a map', 'declare z.record()'],
  [z.ZodSet, 'a set', 'declare z.array()'],
  [z.ZodSymbol, 'a symbol', 'declare a string'],
  [z.ZodNaN, 'NaN', 'declare a number'],
  [z.ZodFile, 'a file', 'keep it elsewhere'],
  [z.ZodFunction, 'a function', 'declare data'],
  [z.ZodPromise, 'a promise', 'declare what it gives'],
] as const;

/**
 * Refuses a schema that declares what JSON cannot carry, so that it shows before something is to be written. Unions, and what
 * is found out only by parsing, are left to that.
 *
 * @param path where the schema stands, for the message.
 * @throws StorageError `INVALID` names the member and what to declare.
 */
export function checkStorable(schema: unknown, path: string): void {
  check(schema, path, new Set());
}

function check(schema: unknown, path: string, seen: Set<unknown>): void {
  const part = unwrapSchema(schema);
  if (seen.has(part)) {
    return;
  }
  seen.add(part);
  for (const [type, what, advice] of unstorable) {
    if (part instanceof type) {
      throw new StorageError('INVALID', `${path} is declared as ${what}, which JSON does not carry: ${advice}.`);
    }
  }
  if (part instanceof z.ZodObject) {
    for (const [name, member] of Object.entries<unknown>(part.shape)) {
      check(member, `${path}.${name}`, seen);
    }
  } else if (part instanceof z.ZodArray) {
    check(part.element, `${path}[]`, seen);
  } else if (part instanceof z.ZodRecord) {
    check(part.valueType, `${path}.*`, seen);
  } else if (part instanceof z.ZodPipe) {
    check(part.out, path, seen);
  }
}
