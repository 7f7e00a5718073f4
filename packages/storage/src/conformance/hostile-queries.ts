import { inspect } from 'node:util';

/** What is no filter of any document or entity. */
export const hostileFilters: readonly unknown[] = [
  null,
  [],
  'a',
  1,
  new Map(),
  { $where: 'true' },
  { $expr: { $eq: [1, 1] } },
  { $nor: [{ n: 1 }] },
  { n: { $regex: '.*' } },
  { n: { $gt: 1, other: 2 } },
  { n: {} },
  { n: undefined },
  { n: () => 1 },
  { n: 1n },
  { n: /x/ },
  { n: Number.NaN },
  { n: { $gt: Number.POSITIVE_INFINITY } },
  { n: new Date(Number.NaN) },
  { n: 'a\ud800' },
  { n: 'a\u0000' },
  { n: { $startsWith: 1 } },
  { n: { $in: 1 } },
  { n: { $exists: 'yes' } },
  { n: { $elemMatch: {} } },
  { n: { $not: 1 } },
  { $and: [] },
  { $or: {} },
  { '': 1 },
  { 'n.': 1 },
  { 'n..x': 1 },
  { 'n.$x': 1 },
  JSON.parse('{"__proto__": 1}'),
  { 'n.__proto__': 1 },
  nestNot(40),
  { n: { $in: Array.from({ length: 1_001 }, (_, index) => index) } },
];

/** What is no order. */
export const hostileOrders: readonly unknown[] = [
  'n',
  { path: 'n' },
  ['n'],
  [{}],
  [{ path: 1 }],
  [{ path: '' }],
  [{ path: 'n', direction: 'up' }],
  [{ path: 'n', direction: 1 }],
  [{ path: '$n' }],
  [{ path: 'n\u0000' }],
  [{ path: '__proto__' }],
  [{ path: 'n; drop table x', other: true }],
  Array.from({ length: 33 }, () => ({ path: 'n' })),
];

/** Conditions that match whatever there is when nothing is at their path, so a mistyped one must be refused. */
export const mistypedConditions: readonly unknown[] = [
  1,
  null,
  { $ne: 1 },
  { $nin: [1] },
  { $exists: false },
  { $not: { $gt: 1 } },
];

/** What is no whole number from 1 on. */
export const hostileCounts: readonly unknown[] = [0, -1, 1.5, Number.NaN, Number.POSITIVE_INFINITY, 2 ** 53, '1', null];

/** A list of one element that is not there. */
const hole: unknown[] = [];
hole.length = 1;

/** What is no list, or one with a hole, though not all of it is refused as a filter. */
export const hostileLists: readonly unknown[] = [null, undefined, 'a', 1, {}, new Set(['a']), hole];

/** What is neither options nor left out. */
export const hostileOptions: readonly unknown[] = [null, 'a', 1, true, () => undefined];

/** What is no version. */
export const hostileVersions: readonly unknown[] = [0, -1, 1.5, Number.NaN, 2 ** 53, '1', null];

/** A short name of any value, for the name of a fact. */
export function nameOf(value: unknown): string {
  return inspect(value, { depth: 3, breakLength: Number.POSITIVE_INFINITY, maxArrayLength: 2, compact: 99 });
}

function nestNot(levels: number): unknown {
  let condition: unknown = { $eq: 1 };
  for (let level = 0; level < levels; level += 1) {
    condition = { $not: condition };
  }
  return { n: condition };
}
