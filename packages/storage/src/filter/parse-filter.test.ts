import { describe, expect, it } from 'vitest';
import { compileFilter } from './compile-filter.ts';
import { MAX_PATH_SEGMENTS } from './filter-path.ts';
import { parseFilter } from './parse-filter.ts';
import { MAX_FILTER_DEPTH, MAX_FILTER_NODES } from './parse-operand.ts';

class Point {
  readonly x = 1;
}

const cycle: Record<string, unknown> = {};
cycle['a'] = cycle;

const sparse: unknown[] = [];
sparse[1] = 1;

/** A value inside `depth` lists. */
function nest(depth: number): unknown {
  return depth === 0 ? 1 : [nest(depth - 1)];
}

const refused: readonly (readonly [string, unknown])[] = [
  ['no object at all', undefined],
  ['null as the filter', null],
  ['a list as the filter', [{ a: 1 }]],
  ['a text as the filter', '{"a":1}'],
  ['an instance of a class as the filter', new Point()],
  ['a map as the filter', new Map([['a', 1]])],

  ['$where', { $where: 'true' }],
  ['$expr', { $expr: { $eq: ['$a', 1] } }],
  ['$function', { $function: { body: 'return true', args: [], lang: 'js' } }],
  ['$nor', { $nor: [{ a: 1 }] }],
  ['$text', { $text: { $search: 'x' } }],
  ['$comment', { $comment: 'x' }],
  ['a field operator at the root', { $eq: 1 }],
  ['$not at the root', { $not: { a: 1 } }],
  ['$where of a field', { a: { $where: 'true' } }],
  ['$regex', { a: { $regex: '^x' } }],
  ['$function of a field', { a: { $function: {} } }],
  ['$expr of a field', { a: { $expr: {} } }],
  ['$and of a field', { a: { $and: [{ $gt: 1 }] } }],
  ['$size', { a: { $size: 1 } }],
  ['an operator that every object inherits', { a: { $constructor: 1 } }],
  ['an unknown operator beside a known one', { a: { $eq: 1, $regex: 'x' } }],
  ['operators before members', { a: { $gt: 1, b: 2 } }],
  ['operators after members', { a: { b: 2, $gt: 1 } }],
  ['an empty object as a condition', { a: {} }],

  ['undefined as a condition', { a: undefined }],
  ['undefined as an operand', { a: { $eq: undefined } }],
  ['undefined in a list', { a: { $in: [1, undefined] } }],
  ['a hole in a list', { a: { $in: sparse } }],
  ['undefined as a member', { a: { $eq: { b: undefined } } }],
  ['a function', { a: () => true }],
  ['a function in an operand', { a: { $eq: { b: () => true } } }],
  ['a symbol', { a: Symbol('a') }],
  ['a bigint', { a: 1n }],
  ['NaN', { a: Number.NaN }],
  ['Infinity', { a: { $lt: Number.POSITIVE_INFINITY } }],
  ['-Infinity', { a: [Number.NEGATIVE_INFINITY] }],
  ['an invalid date', { a: new Date(Number.NaN) }],
  ['an instance of a class', { a: new Point() }],
  ['an instance of a class in an operand', { a: { $eq: { b: new Point() } } }],
  ['a set', { a: { $in: new Set([1]) } }],
  ['bytes', { a: new Uint8Array(1) }],
  ['a regular expression', { a: /x/u }],
  ['a regular expression in $in', { a: { $in: [/x/u] } }],
  ['a regular expression in $not', { a: { $not: /x/u } }],

  ['__proto__ as a path', JSON.parse('{"__proto__":1}')],
  ['__proto__ with operators', JSON.parse('{"__proto__":{"$eq":1}}')],
  ['__proto__ inside a path', { 'a.__proto__.b': 1 }],
  ['__proto__ as a member', JSON.parse('{"a":{"__proto__":{"b":1}}}')],
  ['__proto__ as a member of $eq', JSON.parse('{"a":{"$eq":{"__proto__":1}}}')],
  ['__proto__ in $elemMatch', JSON.parse('{"a":{"$elemMatch":{"__proto__":1}}}')],
  ['an empty path', { '': 1 }],
  ['an empty first segment', { '.a': 1 }],
  ['an empty segment', { 'a..b': 1 }],
  ['an empty last segment', { 'a.': 1 }],
  ['a segment with $', { 'a.$b': 1 }],
  ['too many segments', { [`a${'.a'.repeat(MAX_PATH_SEGMENTS)}`]: 1 }],
  ['an empty segment after the last that counts', { ['a.'.repeat(MAX_PATH_SEGMENTS)]: 1 }],
  ['a member name with $', { a: { $eq: { $b: 1 } } }],
  ['a member name with $ in a list', { a: [{ $b: 1 }] }],
  ['a member name with a dot', { a: { $eq: { 'b.c': 1 } } }],
  ['an empty member name', { a: { $eq: { '': 1 } } }],
  ['a lone surrogate', { a: '\ud800' }],
  ['a lone surrogate in a path', { 'a\udc00': 1 }],
  ['a lone surrogate in a member name', { a: { b: { '\ud800': 1 } } }],
  ['a lone surrogate in $startsWith', { a: { $startsWith: '\ud83d' } }],
  ['U+0000', { a: { $gt: 'x\u0000' } }],
  ['U+0000 in a path', { 'a\u0000': 1 }],
  ['U+0000 in a member name', { a: { $eq: { 'b\u0000': 1 } } }],

  ['$and of nothing', { $and: [] }],
  ['$or of nothing', { $or: [] }],
  ['$and of an object', { $and: { a: 1 } }],
  ['$or of values', { $or: [1] }],
  ['$or of undefined', { $or: [undefined] }],
  ['$in of a value', { a: { $in: 1 } }],
  ['$nin of a text', { a: { $nin: 'abc' } }],
  ['$all of a value', { a: { $all: 1 } }],
  ['$all with $elemMatch', { a: { $all: [{ $elemMatch: { b: 1 } }] } }],
  ['$exists of 1', { a: { $exists: 1 } }],
  ['$exists of null', { a: { $exists: null } }],
  ['$not of a value', { a: { $not: 1 } }],
  ['$not of nothing', { a: { $not: {} } }],
  ['$not of members', { a: { $not: { b: 1 } } }],
  ['$startsWith of a number', { a: { $startsWith: 1 } }],
  ['$elemMatch of a value', { a: { $elemMatch: 1 } }],
  ['$elemMatch of nothing', { a: { $elemMatch: {} } }],
  ['$elemMatch with operators and conditions', { a: { $elemMatch: { $gt: 1, b: 2 } } }],
  ['$elemMatch with an unknown operator', { a: { $elemMatch: { $regex: 'x' } } }],

  ['a value nested too deeply', { a: nest(MAX_FILTER_DEPTH) }],
  ['a filter that holds itself', cycle],
  ['too many values', { a: { $in: Array.from({ length: MAX_FILTER_NODES }, () => 1) } }],
  ['too many conditions', { $or: Array.from({ length: MAX_FILTER_NODES }, () => ({ a: 1 })) }],
];

describe('parseFilter', () => {
  it.each(refused)('refuses %s', (_name, filter) => {
    expect(() => parseFilter(filter)).toThrow(expect.objectContaining({ code: 'INVALID' }));
  });

  it('takes a filter of exactly the largest depth, size and path', () => {
    const path = `a${'.a'.repeat(MAX_PATH_SEGMENTS - 1)}`;
    expect(() => parseFilter({ a: nest(MAX_FILTER_DEPTH - 1) })).not.toThrow();
    expect(() => parseFilter({ a: { $in: Array.from({ length: MAX_FILTER_NODES - 2 }, () => 1) } })).not.toThrow();
    expect(() => parseFilter({ [path]: 1 })).not.toThrow();
  });

  it('gives the path of what it refuses in the message', () => {
    const filter = { $or: [{ a: 1 }, { 'b.c': { $in: [1, Number.NaN] } }] };
    expect(() => parseFilter(filter)).toThrow('"$or.1.b.c.$in.1"');
  });

  it('shares nothing with its input', () => {
    const list: unknown[] = [1, { b: [2] }];
    const date = new Date(0);
    const object: Record<string, unknown> = { c: { d: 1 } };
    const filter = { $and: [{ list: { $eq: list } }, { date }, { object }, { any: { $in: list } }] };
    const parsed = parseFilter(filter);
    const before = structuredClone(parsed);

    list[1] = 'changed';
    date.setTime(1);
    object['c'] = 'changed';
    filter.$and.length = 0;

    expect(parsed).toEqual(before);
  });

  it('takes an inherited name as an ordinary path', () => {
    const test = compileFilter(parseFilter({ constructor: { $exists: true } }));
    expect(test({})).toBe(false);
    expect(test({ constructor: 1 })).toBe(true);
  });

  it('makes -0 an ordinary 0', () => {
    expect(parseFilter({ a: [-0] })).toEqual(parseFilter({ a: [0] }));
  });

  it('takes objects without a prototype', () => {
    const filter = { __proto__: null, a: { __proto__: null, $gt: 1 } };
    expect(Object.getPrototypeOf(filter)).toBeNull();
    expect(parseFilter(filter)).toEqual(parseFilter({ a: { $gt: 1 } }));
  });
});
