import { isDataObject } from './data-object.ts';

/**
 * Compares two values in the pinned total order: negative when `a` is first, 0 when they are equal, positive otherwise.
 *
 * Types stand in the order null, number, string, object, array, boolean, date. A missing value (`undefined`) equals null.
 * Numbers by size (-0 equals 0, NaN is below all); strings by code point; false before true; dates by time; arrays element
 * by element, a shorter one before what it begins; objects member by member with the names sorted, each by type of the value,
 * then name, then value. The order of types is that of MongoDB's BSON comparison order.
 */
export function compareValues(a: unknown, b: unknown): number {
  const rank = typeRank(a);
  const difference = rank - typeRank(b);
  if (difference !== 0) {
    return difference;
  }
  if (typeof a === 'number' && typeof b === 'number') {
    return compareNumbers(a, b);
  }
  if (typeof a === 'string' && typeof b === 'string') {
    return compareStrings(a, b);
  }
  if (typeof a === 'boolean' && typeof b === 'boolean') {
    return Number(a) - Number(b);
  }
  if (a instanceof Date && b instanceof Date) {
    return compareNumbers(a.getTime(), b.getTime());
  }
  if (Array.isArray(a) && Array.isArray(b)) {
    return compareArrays(a, b);
  }
  return isDataObject(a) && isDataObject(b) ? compareObjects(a, b) : 0;
}

/**
 * Compares two strings by Unicode code point, which is also the order of their UTF-8 bytes. The `<` of JavaScript compares
 * UTF-16 units instead and puts U+10000 and above before U+E000.
 */
export function compareStrings(a: string, b: string): number {
  if (a === b) {
    return 0;
  }
  const length = Math.min(a.length, b.length);
  for (let index = 0; index < length; index += 1) {
    const left = a.charCodeAt(index);
    const right = b.charCodeAt(index);
    if (left !== right) {
      return codePointRank(left) - codePointRank(right);
    }
  }
  return a.length - b.length;
}

/** Moves the surrogates, which stand for code points from U+10000 on, above all other units. */
function codePointRank(unit: number): number {
  return unit >= 0xd800 && unit < 0xe000 ? unit + 0x10000 : unit;
}

/** Says whether two values are equal: {@link compareValues} is 0, found out without sorting member names. */
export function isEqualValue(a: unknown, b: unknown): boolean {
  if (a === b) {
    return true;
  }
  if (Array.isArray(a)) {
    return Array.isArray(b) && a.length === b.length && a.every((element, index) => isEqualValue(element, b[index]));
  }
  if (isDataObject(a) && isDataObject(b)) {
    return isEqualObject(a, b);
  }
  return compareValues(a, b) === 0;
}

function isEqualObject(a: Record<string, unknown>, b: Record<string, unknown>): boolean {
  let members = 0;
  for (const name of Object.keys(a)) {
    const value = a[name];
    if (value !== undefined) {
      members += 1;
      const other = Object.hasOwn(b, name) ? b[name] : undefined;
      if (other === undefined || !isEqualValue(value, other)) {
        return false;
      }
    }
  }
  for (const name of Object.keys(b)) {
    if (b[name] !== undefined) {
      members -= 1;
    }
  }
  return members === 0;
}

function typeRank(value: unknown): number {
  if (value === null || value === undefined) {
    return 0;
  }
  if (typeof value === 'object') {
    return Array.isArray(value) ? 4 : value instanceof Date ? 6 : 3;
  }
  return typeof value === 'number' ? 1 : typeof value === 'string' ? 2 : 5;
}

function compareNumbers(a: number, b: number): number {
  if (a < b) {
    return -1;
  }
  if (a > b) {
    return 1;
  }
  return a === b ? 0 : Number(Number.isNaN(b)) - Number(Number.isNaN(a));
}

function compareArrays(a: readonly unknown[], b: readonly unknown[]): number {
  const length = Math.min(a.length, b.length);
  for (let index = 0; index < length; index += 1) {
    const order = compareValues(a[index], b[index]);
    if (order !== 0) {
      return order;
    }
  }
  return a.length - b.length;
}

function compareObjects(a: Record<string, unknown>, b: Record<string, unknown>): number {
  const left = sortedNames(a);
  const right = sortedNames(b);
  for (const [index, name] of left.entries()) {
    const other = right[index];
    if (other === undefined) {
      return 1;
    }
    const order =
      typeRank(a[name]) - typeRank(b[other]) || compareStrings(name, other) || compareValues(a[name], b[other]);
    if (order !== 0) {
      return order;
    }
  }
  return left.length - right.length;
}

/** The names of the members that are there, by code point. */
function sortedNames(object: Record<string, unknown>): string[] {
  return Object.keys(object)
    .filter((name) => object[name] !== undefined)
    .sort(compareStrings);
}
