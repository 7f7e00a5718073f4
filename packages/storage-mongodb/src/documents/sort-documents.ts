import type { OrderKey } from '@sorcha/storage';
import type { Document } from 'mongodb';
import { toStoredName } from './member-names.ts';

/** An order in MongoDB's language. */
export interface NativeOrder {
  readonly sort: Document;
  /** What decides before the key. */
  readonly keys: readonly OrderKey[];
}

/** MongoDB sorts by at most 32 members. */
const MAX_MEMBERS = 32;

/** A segment that may be an index or a name; MongoDB and this language differ on which. */
const INDEX = /^\d+$/u;

/** Translates an order, ties included; `undefined` when MongoDB may order otherwise whatever the values are. */
export function toNativeOrder(keys: readonly OrderKey[], key: string): NativeOrder | undefined {
  const isKey = ({ path }: OrderKey) => path.length === 1 && path[0] === key;
  const last = keys.findIndex(isKey);
  // No two documents have the same key: nothing after it decides.
  const deciding = last === -1 ? keys : keys.slice(0, last);
  const members = deciding.map(({ path, direction }): [string, 1 | -1] => [
    `doc.${path.map(toStoredName).join('.')}`,
    direction === 'asc' ? 1 : -1,
  ]);
  const names = new Set(members.map(([name]) => name));
  const hasIndex = deciding.some(({ path }) => path.some((segment) => INDEX.test(segment)));
  if (hasIndex || names.size < members.length || members.length >= MAX_MEMBERS) {
    return undefined;
  }
  return {
    sort: { ...Object.fromEntries(members), _id: keys[last]?.direction === 'desc' ? -1 : 1 },
    keys: deciding,
  };
}

/**
 * Says whether the place of a document in an order is beyond doubt: whatever is compared with a scalar is a scalar too, or of
 * another type. Objects MongoDB compares by the order of their members; and not all that speak its protocol put an empty array
 * before null.
 */
export function isPlaced(document: object, keys: readonly OrderKey[]): boolean {
  return keys.every(({ path }) => typeof readPlain(document, path) !== 'object');
}

/** The value at a path, null when there is none, or an array that stands on the way. */
function readPlain(document: object, path: readonly string[]): unknown {
  let current: unknown = document;
  for (const segment of path) {
    if (Array.isArray(current) || typeof current !== 'object' || current === null) {
      return Array.isArray(current) ? current : null;
    }
    current = Object.hasOwn(current, segment) ? Reflect.get(current, segment) : null;
  }
  return current;
}
