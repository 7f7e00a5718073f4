import type { JsonValue } from '../json-value.ts';

/** Lists nested `levels` deep, the outermost counted. */
export function nest(levels: number): JsonValue {
  let value: JsonValue = [];
  for (let level = 1; level < levels; level += 1) {
    value = [value];
  }
  return value;
}

/** JSON values by name, which must come back exactly as they were written. */
export const jsonSpecimens: readonly (readonly [name: string, value: JsonValue])[] = [
  ['null', null],
  ['false', false],
  ['zero', 0],
  ['a negative fraction', -0.1],
  ['the largest safe integer', Number.MAX_SAFE_INTEGER],
  ['the smallest safe integer', Number.MIN_SAFE_INTEGER],
  ['an integer beyond the safe ones', 2 ** 60],
  ['a number written with an exponent', 1e21],
  ['the largest number', Number.MAX_VALUE],
  ['the smallest number', Number.MIN_VALUE],
  ['an empty text', ''],
  ['a text that looks like a number', '1e3'],
  ['a text that looks like JSON', '{"a":[null]}'],
  ['a text that looks like a date', '2026-01-01T00:00:00.000Z'],
  ['quotes, backslashes and line ends', '\'";--\\ \r\n\t\u2028\u2029'],
  ['control characters but U+0000', '\u0001\u001f\u007f\u009f'],
  ['astral and private characters', '\u{1f600}\u{10ffff}\ue000\ufeff\uffff'],
  ['letters with combining marks, not normalized', 'e\u0301 \u00e9 \u1e9b\u0323'],
  ['a long text', 'long '.repeat(20_000)],
  ['an empty list', []],
  ['an empty object', {}],
  ['lists of lists, objects and null', [[], [[1]], {}, [null, [null]], 'x']],
  ['an object in objects', { a: { b: { c: [{ d: null }] } }, 'e f': { '': 0 } }],
  [
    'names that objects inherit',
    { constructor: 1, toString: 'x', hasOwnProperty: null, valueOf: {}, prototype: [], length: 5 },
  ],
  ['names with dots, dollars and other signs', { 'a.b': 1, $set: 2, '': 3, '\u{1f600}': 4, "'": 5, '0': 6 }],
  ['the deepest nesting', nest(98)],
];

/** A class that is no plain object. */
class Point {
  readonly x = 1;
}

const cycle: { self?: unknown } = {};
cycle.self = cycle;

function parseUnknown(text: string): unknown {
  return JSON.parse(text);
}

/** Values by name that are no JSON or that not every store can keep: all of them are refused. */
export const hostileValues: readonly (readonly [name: string, value: unknown])[] = [
  ['NaN', Number.NaN],
  ['an infinity', Number.POSITIVE_INFINITY],
  ['a bigint', 1n],
  ['a function', () => 1],
  ['a symbol', Symbol('x')],
  ['a date', new Date(0)],
  ['a map', new Map([['a', 1]])],
  ['bytes', new Uint8Array([1])],
  ['an instance of a class', new Point()],
  ['a list with an undefined element', [1, undefined]],
  // oxlint-disable-next-line no-sparse-arrays -- a hole is what this is about
  ['a list with a hole', [1, , 2]],
  ['a lone surrogate', 'a\ud800'],
  ['U+0000', 'a\u0000b'],
  ['a name with a lone surrogate', { 'a\udc00': 1 }],
  ['a name with U+0000', { 'a\u0000': 1 }],
  ['an own member __proto__', parseUnknown('{"__proto__": {"isAdmin": true}}')],
  ['an own member __proto__ further in', [{ a: parseUnknown('{"__proto__": 1}') }]],
  ['an object that contains itself', cycle],
  ['nesting that is too deep', nest(101)],
];

/** Texts that are no key and no id anywhere. */
export const hostileIds: readonly (readonly [name: string, id: unknown])[] = [
  ['an empty text', ''],
  ['a line end', 'a\n'],
  ['U+0000', 'a\u0000b'],
  ['a C1 control', 'a\u0085'],
  ['a lone surrogate', 'a\ud83d'],
  ['null', null],
  ['undefined', undefined],
  ['an object', { $ne: null }],
  ['a list', ['a']],
];
