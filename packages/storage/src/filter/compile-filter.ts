import { compareStrings, compareValues, isEqualValue } from './compare-values.ts';
import { compilePath, type Test } from './compile-path.ts';
import { isDataObject } from './data-object.ts';
import type { Comparison, FilterNode, Operand } from './filter-node.ts';

/**
 * Builds the function that says whether a document or entity matches. Compile once and call for each: the function keeps
 * nothing between calls and changes nothing.
 */
export function compileFilter(node: FilterNode): (value: unknown) => boolean {
  switch (node.kind) {
    case 'and':
      return compileAnd(node.nodes.map(compileFilter));
    case 'or':
      return compileOr(node.nodes.map(compileFilter));
    case 'not': {
      const test = compileFilter(node.node);
      return (value) => !test(value);
    }
    case 'compare':
      return compilePath(node.path, compileComparison(node.operator, node.operand), 'elements');
    case 'in':
      return compilePath(node.path, compileIn(node.operands), 'elements');
    case 'exists':
      return compilePath(node.path, (value) => value !== undefined, 'whole');
    case 'startsWith': {
      const { prefix } = node;
      return compilePath(node.path, (value) => typeof value === 'string' && value.startsWith(prefix), 'elements');
    }
    case 'elemMatch':
    default: {
      const test = compileFilter(node.node);
      const accepts = node.form === 'value' ? test : (value: unknown) => isContainer(value) && test(value);
      return compilePath(node.path, (value) => Array.isArray(value) && value.some(accepts), 'whole');
    }
  }
}

/** What the object form of `$elemMatch` looks into: an array counts as an object whose members are its indexes. */
function isContainer(value: unknown): boolean {
  return Array.isArray(value) || isDataObject(value);
}

function compileAnd(tests: readonly Test[]): Test {
  const [first, second] = tests;
  if (first === undefined) {
    return () => true;
  }
  if (second === undefined) {
    return first;
  }
  return tests.length === 2 ? (value) => first(value) && second(value) : (value) => tests.every((test) => test(value));
}

function compileOr(tests: readonly Test[]): Test {
  const [first, second] = tests;
  if (first === undefined) {
    return () => false;
  }
  if (second === undefined) {
    return first;
  }
  return tests.length === 2 ? (value) => first(value) || second(value) : (value) => tests.some((test) => test(value));
}

function compileComparison(operator: Comparison, operand: Operand): Test {
  if (operator === '$eq') {
    return compileEquality(operand);
  }
  if (operand === null) {
    // Null is the only value of its type: nothing is above or below it.
    return operator === '$gte' || operator === '$lte' ? isNullOrMissing : () => false;
  }
  const passes = orderTests[operator];
  if (typeof operand === 'number') {
    return (value) => typeof value === 'number' && passes(value - operand);
  }
  if (typeof operand === 'string') {
    return (value) => typeof value === 'string' && passes(compareStrings(value, operand));
  }
  const isSameType = sameTypeTest(operand);
  return (value) => isSameType(value) && passes(compareValues(value, operand));
}

const orderTests: Readonly<Record<Exclude<Comparison, '$eq'>, (order: number) => boolean>> = {
  $gt: (order) => order > 0,
  $gte: (order) => order >= 0,
  $lt: (order) => order < 0,
  $lte: (order) => order <= 0,
};

function sameTypeTest(operand: boolean | Date | object): Test {
  if (typeof operand === 'boolean') {
    return (value) => typeof value === 'boolean';
  }
  if (operand instanceof Date) {
    return (value) => value instanceof Date;
  }
  return Array.isArray(operand) ? Array.isArray : isDataObject;
}

function compileEquality(operand: Operand): Test {
  if (operand === null) {
    return isNullOrMissing;
  }
  return typeof operand === 'object' ? (value) => isEqualValue(value, operand) : (value) => value === operand;
}

function compileIn(operands: readonly Operand[]): Test {
  const scalars = new Set<unknown>(operands.filter((operand) => typeof operand !== 'object'));
  const others = operands.filter((operand) => typeof operand === 'object').map(compileEquality);
  const isOther = compileOr(others);
  return others.length === 0 ? (value) => scalars.has(value) : (value) => scalars.has(value) || isOther(value);
}

function isNullOrMissing(value: unknown): boolean {
  return value === null || value === undefined;
}
