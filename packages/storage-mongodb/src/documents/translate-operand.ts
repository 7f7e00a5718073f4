import type { Comparison, Operand, OperandObject } from '@sorcha/storage';
import { toStoredName } from './member-names.ts';
import { allOf, anyOf, atLeast, exactly, nothing, type Translation } from './translation.ts';

/** A longer text is not made a regular expression: MongoDB takes no more than 32 kB of one. */
const MAX_PATTERN_LENGTH = 8_000;

/** How a condition on a value of its own is written: `{ <field>: <operators> }`, or the operators alone in `$elemMatch`. */
export type WriteCondition = (operators: Readonly<Record<string, unknown>>) => Translation['query'];

/** The condition that the values of a field stand so to the operand. */
export function translateComparison(
  write: WriteCondition,
  { operator, operand }: { readonly operator: Comparison; readonly operand: Operand },
): Translation {
  if (operand === null) {
    // Null is the only value of its type.
    return operator === '$gt' || operator === '$lt' ? nothing : exactly(write({ $eq: null }));
  }
  if (isObject(operand)) {
    // MongoDB looks at the order of members.
    return atLeast(write({ $type: 'object' }));
  }
  if (Array.isArray(operand) && (operator !== '$eq' || operand.some(holdsObject))) {
    return atLeast(write({ $type: 'array' }));
  }
  return exactly(write({ [operator]: operand }));
}

/** The condition that one of the values of a field equals one of the operands. */
export function translateIn(write: WriteCondition, operands: readonly Operand[]): Translation {
  const others = operands.filter(holdsObject);
  const isIn = exactly(write({ $in: operands.filter((operand) => !holdsObject(operand)) }));
  const isOther = others.map((operand) => translateComparison(write, { operator: '$eq', operand }));
  return anyOf([isIn, ...isOther]);
}

/** The condition that one of the values of a field is a text that begins so. */
export function translateStartsWith(write: WriteCondition, prefix: string): Translation {
  if (prefix === '') {
    return exactly(write({ $type: 'string' }));
  }
  const pattern = `^${prefix.replaceAll(/[$()*+.?[\\\]^{|}]/gu, '\\$&')}`;
  return pattern.length > MAX_PATTERN_LENGTH ? atLeast(write({ $gte: prefix })) : exactly(write({ $regex: pattern }));
}

/** What a document that equals an object must have: its members that are scalars, so that their indexes help. */
export function narrowByMembers(field: string, operand: OperandObject): Translation {
  const conditions = Object.entries(operand).flatMap(([name, member]) =>
    member === null || typeof member === 'object' || /^\d/u.test(name)
      ? []
      : [atLeast({ [`${field}.${toStoredName(name)}`]: { $eq: member } })],
  );
  return allOf([atLeast({ [field]: { $type: 'object' } }), ...conditions]);
}

/** Says whether an operand is an object, as opposed to a list or a date. */
export function isObject(operand: Operand): operand is OperandObject {
  return typeof operand === 'object' && operand !== null && !Array.isArray(operand) && !(operand instanceof Date);
}

function holdsObject(operand: Operand): boolean {
  return isObject(operand) || (isList(operand) && operand.some(holdsObject));
}

function isList(operand: Operand): operand is readonly Operand[] {
  return Array.isArray(operand);
}
