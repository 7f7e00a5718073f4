import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { compareStrings, compareValues, isEqualValue } from './compare-values.ts';

const text = fc.string({ unit: fc.constantFrom('a', 'b', '\uffff', '\u{10000}', '\u{1f600}'), maxLength: 3 });
const scalar = fc.oneof(
  fc.constantFrom(null, undefined, true, false, 0, -0, 1, -1, 1.5, 1e308, Number.NaN, new Date(0), new Date(1)),
  text,
);
/** Small alphabets, so that equal values and equal beginnings are common. */
const { value } = fc.letrec((tie) => ({
  value: fc.oneof(
    { depthSize: 'small', withCrossShrink: true },
    scalar,
    fc.array(tie('value'), { maxLength: 3 }),
    fc.dictionary(fc.constantFrom('a', 'b', '\u{10000}', '\uffff'), tie('value'), { maxKeys: 3 }),
  ),
}));

describe('compareValues', () => {
  it('puts types and the values of each type in the pinned order', () => {
    const inOrder = [
      null,
      Number.NaN,
      Number.NEGATIVE_INFINITY,
      -1,
      0,
      5e-324,
      1e308,
      '',
      'B',
      'a',
      'aa',
      '\uffff',
      '\u{10000}',
      {},
      { b: 1 },
      { b: 1, c: 1 },
      { b: 2 },
      { a: 'x' },
      { b: [] },
      [],
      [null],
      [1],
      [1, 1],
      [2],
      ['a'],
      [[]],
      false,
      true,
      new Date(-1),
      new Date(0),
    ];
    const signs = inOrder.map((a) => inOrder.map((b) => Math.sign(compareValues(a, b))));
    expect(signs).toEqual(inOrder.map((_a, row) => inOrder.map((_b, column) => Math.sign(row - column))));
  });

  it('treats -0 as 0, missing as null and a member that is undefined as missing', () => {
    expect(compareValues(-0, 0)).toBe(0);
    expect(compareValues(undefined, null)).toBe(0);
    expect(compareValues({ a: 1, b: undefined }, { a: 1 })).toBe(0);
  });

  it('does not look at the order in which members were set', () => {
    expect(compareValues({ a: 1, b: 2 }, { b: 2, a: 1 })).toBe(0);
    expect(compareValues({ b: 1, a: 2 }, { a: 3, b: 0 })).toBeLessThan(0);
    expect(compareValues({ '\u{10000}': 1, '\uffff': 2 }, { '\u{10000}': 2, '\uffff': 1 })).toBeGreaterThan(0);
  });

  it('is a total order: each pair is ordered in one way', () => {
    fc.assert(
      fc.property(value, value, (a, b) => {
        expect(Math.sign(compareValues(a, b)) + Math.sign(compareValues(b, a))).toBe(0);
        expect(compareValues(a, a)).toBe(0);
      }),
      { numRuns: 2_000 },
    );
  });

  it('is transitive, also where values are equal', () => {
    fc.assert(
      fc.property(value, value, value, (...values) => {
        // In boxes, because `sort` puts a bare `undefined` last without asking.
        const boxes = values.map((content) => ({ content }));
        const [first, second, third] = boxes.sort((a, b) => compareValues(a.content, b.content));
        const order = (a?: { content: unknown }, b?: { content: unknown }) => compareValues(a?.content, b?.content);
        expect(order(first, second)).toBeLessThanOrEqual(0);
        expect(order(second, third)).toBeLessThanOrEqual(0);
        expect(order(first, third)).toBeLessThanOrEqual(0);
        if (order(first, third) === 0) {
          expect([order(first, second), order(second, third)]).toEqual([0, 0]);
        }
      }),
      { numRuns: 5_000 },
    );
  });

  it('is 0 exactly where isEqualValue holds', () => {
    fc.assert(
      fc.property(value, value, (a, b) => {
        expect(isEqualValue(a, b)).toBe(compareValues(a, b) === 0);
        expect(isEqualValue(a, structuredClone(a))).toBe(true);
      }),
      { numRuns: 5_000 },
    );
  });
});

describe('compareStrings', () => {
  it('orders as the bytes of UTF-8 do', () => {
    fc.assert(
      fc.property(text, fc.string({ unit: 'binary' }), fc.string({ unit: 'binary' }), (start, a, b) => {
        const order = Buffer.compare(Buffer.from(start + a), Buffer.from(start + b));
        expect(Math.sign(compareStrings(start + a, start + b))).toBe(order);
      }),
      { numRuns: 2_000 },
    );
  });
});
