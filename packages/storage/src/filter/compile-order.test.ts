import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { OrderBy } from '../ports/order.ts';
import { compileOrder, parseOrder } from './compile-order.ts';

/** Sorts values that are written as `[key, member a]` pairs and gives back the keys. */
function sortByA(rows: readonly (readonly [string, unknown])[], orderBy: readonly OrderBy[]): string {
  const objects = rows.map(([id, a]) => (a === undefined ? { id } : { id, a }));
  return objects
    .sort(compileOrder(orderBy, 'id'))
    .map(({ id }) => id)
    .join(' ');
}

const refused: readonly (readonly [string, unknown])[] = [
  ['no list', { path: 'a' }],
  ['undefined', undefined],
  ['a key that is a text', ['a']],
  ['a key that is a list', [['a']]],
  ['a hole', Array.from({ length: 1 })],
  ['null as a key', [null]],
  ['a key without a path', [{ direction: 'asc' }]],
  ['a path that is no text', [{ path: 1 }]],
  ['an empty path', [{ path: '' }]],
  ['an empty segment', [{ path: 'a..b' }]],
  ['a path with $', [{ path: '$natural' }]],
  ['__proto__', [{ path: 'a.__proto__' }]],
  ['a lone surrogate', [{ path: '\ud800' }]],
  ['U+0000', [{ path: 'a\u0000' }]],
  ['an unknown direction', [{ path: 'a', direction: 'up' }]],
  ['a direction as a number', [{ path: 'a', direction: -1 }]],
  ['null as a direction', [{ path: 'a', direction: null }]],
  ['an unknown member', [{ path: 'a', order: 'desc' }]],
  ['more than 32 keys', Array.from({ length: 33 }, () => ({ path: 'a' }))],
];

describe('parseOrder', () => {
  it.each(refused)('refuses %s', (_name, orderBy) => {
    expect(() => parseOrder(orderBy)).toThrow(expect.objectContaining({ code: 'INVALID' }));
  });

  it('divides paths and fills in the direction', () => {
    expect(parseOrder([{ path: 'a.b' }, { path: 'c', direction: 'desc' }])).toEqual([
      { path: ['a', 'b'], direction: 'asc' },
      { path: ['c'], direction: 'desc' },
    ]);
    expect(parseOrder(Array.from({ length: 32 }, () => ({ path: 'a' })))).toHaveLength(32);
  });
});

describe('compileOrder', () => {
  it('orders by the key alone when nothing is asked for', () => {
    expect([{ id: 'b' }, { id: '\u{10000}' }, { id: '\uffff' }, { id: 'a' }].sort(compileOrder([], 'id'))).toEqual([
      { id: 'a' },
      { id: 'b' },
      { id: '\uffff' },
      { id: '\u{10000}' },
    ]);
  });

  it('orders mixed types by type, null and missing together', () => {
    const rows = [
      ['date', new Date(0)],
      ['true', true],
      ['list', [[]]],
      ['object', {}],
      ['text', ''],
      ['number', 1],
      ['null', null],
      ['missing', undefined],
    ] as const;
    expect(sortByA(rows, [{ path: 'a' }])).toBe('missing null number text object list true date');
    expect(sortByA(rows, [{ path: 'a', direction: 'desc' }])).toBe('date true list object text number missing null');
  });

  it('breaks ties by the key, ascending in both directions', () => {
    const rows = [
      ['c', 1],
      ['a', 1],
      ['b', 1],
    ] as const;
    expect(sortByA(rows, [{ path: 'a' }])).toBe('a b c');
    expect(sortByA(rows, [{ path: 'a', direction: 'desc' }])).toBe('a b c');
    expect(sortByA(rows, [{ path: 'id', direction: 'desc' }])).toBe('c b a');
  });

  it('asks later keys only where earlier ones are equal', () => {
    const order = compileOrder([{ path: 'a' }, { path: 'b.c', direction: 'desc' }], 'id');
    const rows = [
      { id: '1', a: 1, b: { c: 1 } },
      { id: '2', a: 1, b: { c: 2 } },
      { id: '3', a: 0, b: { c: 0 } },
      { id: '4', a: 1 },
    ];
    expect(rows.sort(order).map(({ id }) => id)).toEqual(['3', '2', '1', '4']);
  });

  it('takes the smallest element of an array when ascending and the largest when descending', () => {
    const rows = [
      ['two', 2],
      ['wide', [1, 9]],
      ['narrow', [5, 3]],
      ['four', 4],
    ] as const;
    expect(sortByA(rows, [{ path: 'a' }])).toBe('wide two narrow four');
    expect(sortByA(rows, [{ path: 'a', direction: 'desc' }])).toBe('wide narrow four two');
  });

  it('puts an empty array before null and missing', () => {
    const rows = [
      ['missing', undefined],
      ['null', null],
      ['withNull', [3, null]],
      ['empty', []],
      ['number', 0],
    ] as const;
    expect(sortByA(rows, [{ path: 'a' }])).toBe('empty missing null withNull number');
    expect(sortByA(rows, [{ path: 'a', direction: 'desc' }])).toBe('withNull number missing null empty');
  });

  it('follows paths through arrays and picks elements by index', () => {
    const rows = [
      ['pair', [{ b: 4 }, { b: 1 }]],
      ['one', [{ b: 2 }]],
      ['partly', [{ b: 3 }, {}]],
      ['value', 0],
    ] as const;
    expect(sortByA(rows, [{ path: 'a.b' }])).toBe('partly value pair one');
    expect(sortByA(rows, [{ path: 'a.b', direction: 'desc' }])).toBe('pair partly one value');
    expect(sortByA(rows, [{ path: 'a.0.b' }])).toBe('value one partly pair');
    expect(sortByA(rows, [{ path: 'a.1.b' }])).toBe('one partly value pair');
  });

  it('looks for an index as a name in objects when the array is too short, and does not enter inner arrays', () => {
    const rows = [
      ['named', [{ 1: 5 }]],
      ['inner', [[{ 1: 1, b: 1 }]]],
      ['picked', [0, 2]],
    ] as const;
    expect(sortByA(rows, [{ path: 'a.1' }])).toBe('inner picked named');
    expect(sortByA(rows, [{ path: 'a.b' }])).toBe('inner named picked');
    expect(sortByA([...rows, ['one', { b: 1 }]], [{ path: 'a.b', direction: 'desc' }])).toBe('one inner named picked');
  });

  it('takes a list that is picked by its index as one value', () => {
    const rows = [
      ['low', [[5, 1]]],
      ['high', [[4, 9]]],
    ] as const;
    expect(sortByA(rows, [{ path: 'a.0' }])).toBe('high low');
    expect(sortByA(rows, [{ path: 'a.0.1' }])).toBe('low high');
  });

  it('does not read what objects inherit', () => {
    const rows: readonly { readonly id: string }[] = [{ id: 'b' }, { id: 'a' }];
    const order = compileOrder([{ path: 'toString' }], 'id');
    expect(rows.toSorted(order).map(({ id }) => id)).toEqual(['a', 'b']);
    expect(order({ id: 'a', toString: 1 }, { id: 'b' })).toBeGreaterThan(0);
  });

  it('is a total order over values of every shape', () => {
    const member = fc.jsonValue({ maxDepth: 2 });
    const row = fc.record({ id: fc.constantFrom('a', 'b'), a: fc.oneof(member, fc.array(fc.record({ b: member }))) });
    const orderBy = fc.array(
      fc.record({ path: fc.constantFrom('a', 'a.b', 'a.0'), direction: fc.constantFrom('asc', 'desc') }),
      { maxLength: 2 },
    );
    fc.assert(
      fc.property(row, row, row, orderBy, (a, b, c, keys) => {
        const order = compileOrder(keys, 'id');
        expect(Math.sign(order(a, b)) + Math.sign(order(b, a))).toBe(0);
        const [first, second, third] = [a, b, c].sort(order);
        if (first !== undefined && second !== undefined && third !== undefined) {
          expect(order(first, second)).toBeLessThanOrEqual(0);
          expect(order(first, third)).toBeLessThanOrEqual(0);
        }
      }),
      { numRuns: 2_000 },
    );
  });
});
