import type { OrderBy } from '../ports/order.ts';
import { StorageError } from '../storage-error.ts';
import { compareValues } from './compare-values.ts';
import { isDataObject, readMember } from './data-object.ts';
import { parsePath, toIndex } from './filter-path.ts';

/** The most keys that an order may have. */
const MAX_ORDER_KEYS = 32;

/** Stands for an empty array, which comes before everything else, null included. */
const EMPTY_ARRAY = Symbol('empty array');

/** One key of a parsed order. */
export interface OrderKey {
  readonly path: readonly string[];
  readonly direction: 'asc' | 'desc';
}

/**
 * Checks an order and divides its paths.
 *
 * @throws StorageError `INVALID` when it is no list of at most 32 objects `{ path, direction? }`.
 */
export function parseOrder(orderBy: unknown): readonly OrderKey[] {
  if (!Array.isArray(orderBy) || orderBy.length > MAX_ORDER_KEYS) {
    throw new StorageError('INVALID', `Invalid orderBy: it must be a list of at most ${MAX_ORDER_KEYS} keys.`);
  }
  const keys: readonly unknown[] = orderBy;
  return Array.from(keys, parseOrderKey);
}

function parseOrderKey(input: unknown, index: number): OrderKey {
  const at = `orderBy[${index}]`;
  if (!isDataObject(input) || typeof input['path'] !== 'string') {
    throw new StorageError('INVALID', `Invalid ${at}: it must be an object with a path.`);
  }
  const unknown = Object.keys(input).find((name) => name !== 'path' && name !== 'direction');
  if (unknown !== undefined) {
    throw new StorageError('INVALID', `Invalid ${at}: it has an unknown member "${unknown}".`);
  }
  const { direction = 'asc' } = input;
  if (direction !== 'asc' && direction !== 'desc') {
    throw new StorageError('INVALID', `Invalid ${at}.direction: use "asc" or "desc".`);
  }
  return { path: parsePath(input['path'], at), direction };
}

/**
 * Builds the comparison that sorts documents or entities. Ties are broken by the member `key`, ascending.
 *
 * Values stand in the order of `compareValues`. Of several values at a path (arrays), the smallest counts when ascending
 * and the largest when descending, as in MongoDB; an empty array comes before null and missing.
 *
 * @throws StorageError `INVALID` when the order is malformed, see {@link parseOrder}.
 */
export function compileOrder(orderBy: readonly OrderBy[], key: string): (a: object, b: object) => number {
  const keys = [...parseOrder(orderBy), { path: [key], direction: 'asc' as const }];
  const signs = keys.map(({ direction }) => (direction === 'asc' ? 1 : -1));
  return (a, b) => {
    for (const [index, { path }] of keys.entries()) {
      const sign = signs[index] ?? 1;
      const order = compareKeys(sortKey(a, path, 0, sign), sortKey(b, path, 0, sign));
      if (order !== 0) {
        return sign * order;
      }
    }
    return 0;
  };
}

/** The value by which something is sorted: the first, in the direction of `sign`, of those at the path. */
function sortKey(value: unknown, path: readonly string[], position: number, sign: number): unknown {
  const segment = path[position];
  if (!Array.isArray(value)) {
    if (segment === undefined) {
      return value;
    }
    return isDataObject(value) ? sortKey(readMember(value, segment), path, position + 1, sign) : undefined;
  }
  const list: readonly unknown[] = value;
  if (segment === undefined) {
    return list.length === 0 ? EMPTY_ARRAY : list.reduce((first, key) => firstOf(first, key, sign));
  }
  const index = toIndex(segment);
  if (index !== undefined && index < list.length) {
    const element = list[index];
    // An element picked by its index is one value, also when it is an array itself.
    return position + 1 === path.length ? element : sortKey(element, path, position + 1, sign);
  }
  return list.length === 0
    ? undefined
    : list
        .map((element) => (isDataObject(element) ? sortKey(element, path, position, sign) : undefined))
        .reduce((first, key) => firstOf(first, key, sign));
}

function firstOf(a: unknown, b: unknown, sign: number): unknown {
  return sign * compareKeys(a, b) <= 0 ? a : b;
}

function compareKeys(a: unknown, b: unknown): number {
  if (a === EMPTY_ARRAY || b === EMPTY_ARRAY) {
    return Number(b === EMPTY_ARRAY) - Number(a === EMPTY_ARRAY);
  }
  return compareValues(a, b);
}
