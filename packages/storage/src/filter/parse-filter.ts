import type { FilterNode } from './filter-node.ts';
import { parsePath } from './filter-path.ts';
import {
  enterPlace,
  type FilterPlace,
  invalidAt,
  isPlainObject,
  parseOperand,
  parseOperands,
  parseText,
} from './parse-operand.ts';

type Parse = (path: readonly string[], input: unknown, place: FilterPlace) => FilterNode;

/** The operators that a field takes, each with its parser. */
const fieldOperators: ReadonlyMap<string, Parse> = new Map<string, Parse>([
  ['$eq', parseEquality],
  ['$ne', (path, input, place) => not(parseEquality(path, input, place))],
  ...(['$gt', '$gte', '$lt', '$lte'] as const).map((operator): [string, Parse] => [
    operator,
    (path, input, place) => ({ kind: 'compare', path, operator, operand: parseOperand(input, place) }),
  ]),
  ['$in', parseIn],
  ['$nin', (path, input, place) => not(parseIn(path, input, place))],
  ['$exists', parseExists],
  ['$not', (path, input, place) => not(parseOperators(path, input, place))],
  ['$all', parseAll],
  ['$elemMatch', parseElemMatch],
  ['$startsWith', parseStartsWith],
]);

/**
 * Parses a filter, see docs/filters.md for the language. The result shares nothing with the input.
 *
 * @throws StorageError `INVALID` for everything that is not part of the language; the message names the place.
 */
export function parseFilter(input: unknown): FilterNode {
  return parseConditions(input, { at: '', depth: 1, count: { nodes: 0 } });
}

/** Parses an object of conditions that must all hold. */
function parseConditions(input: unknown, place: FilterPlace): FilterNode {
  if (!isPlainObject(input)) {
    throw invalidAt(place, 'it must be a plain object of conditions');
  }
  const nodes = Object.entries(input).map(([key, value]) => {
    const inner = enterPlace(place, key);
    if (key === '$and' || key === '$or') {
      return parseJunction(key, value, inner);
    }
    if (key.startsWith('$')) {
      throw invalidAt(inner, `"${key}" cannot stand here; $and and $or can, other operators follow a path`);
    }
    return parseField(parsePath(key, `"${inner.at}"`), value, inner);
  });
  return and(nodes);
}

function parseJunction(key: '$and' | '$or', input: unknown, place: FilterPlace): FilterNode {
  if (!Array.isArray(input) || input.length === 0) {
    throw invalidAt(place, `${key} takes a list of one or more filters`);
  }
  const filters: readonly unknown[] = input;
  const nodes = Array.from(filters, (filter, index) => parseConditions(filter, enterPlace(place, String(index))));
  return { kind: key === '$and' ? 'and' : 'or', nodes };
}

function parseField(path: readonly string[], input: unknown, place: FilterPlace): FilterNode {
  if (isPlainObject(input)) {
    const names = Object.keys(input);
    if (names.length === 0) {
      throw invalidAt(place, 'the object is empty; use {$eq: {}} to find empty objects');
    }
    if (names.some((name) => name.startsWith('$'))) {
      return parseOperators(path, input, place);
    }
  }
  return parseEquality(path, input, place);
}

/** Parses an object of operators that must all hold for the value at `path`. */
function parseOperators(path: readonly string[], input: unknown, place: FilterPlace): FilterNode {
  if (!isPlainObject(input) || Object.keys(input).length === 0) {
    throw invalidAt(place, 'it must be an object with one or more operators');
  }
  const nodes = Object.entries(input).map(([name, value]) => {
    const inner = enterPlace(place, name);
    const parse = fieldOperators.get(name);
    if (parse === undefined) {
      throw invalidAt(inner, `"${name}" is no operator of a field; use ${[...fieldOperators.keys()].join(' ')}`);
    }
    return parse(path, value, inner);
  });
  return and(nodes);
}

function parseEquality(path: readonly string[], input: unknown, place: FilterPlace): FilterNode {
  return { kind: 'compare', path, operator: '$eq', operand: parseOperand(input, place) };
}

function parseIn(path: readonly string[], input: unknown, place: FilterPlace): FilterNode {
  return { kind: 'in', path, operands: parseOperands(checkList(input, place), place) };
}

function parseAll(path: readonly string[], input: unknown, place: FilterPlace): FilterNode {
  const operands = parseOperands(checkList(input, place), place);
  // As in MongoDB, $all of nothing matches nothing; an empty `and` would match everything.
  return operands.length === 0
    ? { kind: 'or', nodes: [] }
    : and(operands.map((operand) => ({ kind: 'compare', path, operator: '$eq', operand })));
}

function parseExists(path: readonly string[], input: unknown, place: FilterPlace): FilterNode {
  if (typeof input !== 'boolean') {
    throw invalidAt(place, '$exists takes true or false');
  }
  return input ? { kind: 'exists', path } : not({ kind: 'exists', path });
}

function parseStartsWith(path: readonly string[], input: unknown, place: FilterPlace): FilterNode {
  if (typeof input !== 'string') {
    throw invalidAt(place, '$startsWith takes a string');
  }
  return { kind: 'startsWith', path, prefix: parseText(input, place) };
}

function parseElemMatch(path: readonly string[], input: unknown, place: FilterPlace): FilterNode {
  if (!isPlainObject(input) || Object.keys(input).length === 0) {
    throw invalidAt(place, '$elemMatch takes an object with one or more operators or conditions');
  }
  const isValueForm = Object.keys(input).some((name) => fieldOperators.has(name));
  return isValueForm
    ? { kind: 'elemMatch', path, form: 'value', node: parseOperators([], input, place) }
    : { kind: 'elemMatch', path, form: 'object', node: parseConditions(input, place) };
}

function checkList(input: unknown, place: FilterPlace): readonly unknown[] {
  if (!Array.isArray(input)) {
    throw invalidAt(place, 'it takes a list of values');
  }
  return input;
}

function and(nodes: readonly FilterNode[]): FilterNode {
  const [only] = nodes;
  return only !== undefined && nodes.length === 1 ? only : { kind: 'and', nodes };
}

function not(node: FilterNode): FilterNode {
  return { kind: 'not', node };
}
