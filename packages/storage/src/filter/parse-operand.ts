import { StorageError } from '../storage-error.ts';
import type { Operand } from './filter-node.ts';
import { findNameProblem, findTextProblem } from './filter-path.ts';

/** The deepest nesting of objects and arrays in a filter, the filter itself counted. */
export const MAX_FILTER_DEPTH = 32;

/** The most nodes that a filter may have: conditions, operators and every value they compare with. */
export const MAX_FILTER_NODES = 1_000;

/** A place inside the filter that is being parsed. */
export interface FilterPlace {
  /** The keys that lead to it, for messages. */
  readonly at: string;
  readonly depth: number;
  /** Counts the nodes of the whole filter; shared by all of its places. */
  readonly count: { nodes: number };
}

/** Steps from a place to one of its members. Counts a node and checks both limits. */
export function enterPlace(place: FilterPlace, key: string): FilterPlace {
  place.count.nodes += 1;
  const inner = { at: place.at === '' ? key : `${place.at}.${key}`, depth: place.depth + 1, count: place.count };
  if (place.count.nodes > MAX_FILTER_NODES) {
    throw invalidAt(inner, `the filter has more than ${MAX_FILTER_NODES} nodes; ask for less at a time`);
  }
  if (place.depth > MAX_FILTER_DEPTH) {
    throw invalidAt(inner, `the filter is nested deeper than ${MAX_FILTER_DEPTH}`);
  }
  return inner;
}

/** The error for what stands at a place. */
export function invalidAt(place: FilterPlace, problem: string): StorageError {
  return new StorageError(
    'INVALID',
    `Invalid filter at ${place.at === '' ? 'its root' : `"${place.at}"`}: ${problem}.`,
  );
}

/** Says whether a value is an object as literals and JSON make them, not an instance of a class. */
export function isPlainObject(value: unknown): value is Record<string, unknown> {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    return false;
  }
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === Object.prototype || prototype === null;
}

/**
 * Checks and copies a value to compare with, so that later changes of the caller's do not reach the parsed filter. -0
 * becomes 0.
 *
 * @throws StorageError `INVALID` for what no stored value can be.
 */
export function parseOperand(input: unknown, place: FilterPlace): Operand {
  if (input === null || typeof input === 'boolean') {
    return input;
  }
  if (typeof input === 'number') {
    if (!Number.isFinite(input)) {
      throw invalidAt(place, `${input} is no value to compare with; use a finite number`);
    }
    return input === 0 ? 0 : input;
  }
  if (typeof input === 'string') {
    return parseText(input, place);
  }
  if (input instanceof Date) {
    if (Number.isNaN(input.getTime())) {
      throw invalidAt(place, 'the date has no time; use a valid one');
    }
    return new Date(input);
  }
  if (Array.isArray(input)) {
    return parseOperands(input, place);
  }
  if (!isPlainObject(input)) {
    throw invalidAt(place, `${describeType(input)} is no value to compare with; use JSON values and dates`);
  }
  return parseObject(input, place);
}

/** Checks and copies a list of values to compare with. */
export function parseOperands(input: readonly unknown[], place: FilterPlace): readonly Operand[] {
  const operands: Operand[] = [];
  for (const [index, element] of input.entries()) {
    operands.push(parseOperand(element, enterPlace(place, String(index))));
  }
  return operands;
}

/** Checks a text to compare with. */
export function parseText(text: string, place: FilterPlace): string {
  const problem = findTextProblem(text);
  if (problem !== undefined) {
    throw invalidAt(place, problem);
  }
  return text;
}

function parseObject(input: Record<string, unknown>, place: FilterPlace): Operand {
  const operand: Record<string, Operand> = {};
  for (const [name, member] of Object.entries(input)) {
    const inner = enterPlace(place, name);
    const problem = name.includes('.') ? `the member name "${name}" has a dot` : findNameProblem(name);
    if (problem !== undefined) {
      throw invalidAt(inner, problem);
    }
    operand[name] = parseOperand(member, inner);
  }
  return operand;
}

function describeType(input: unknown): string {
  if (typeof input !== 'object') {
    return typeof input;
  }
  return input instanceof RegExp ? 'a regular expression' : 'an instance of a class';
}
