import { describe, expect, it } from 'vitest';
import { compileFilter } from './compile-filter.ts';
import { isDataObject } from './data-object.ts';
import { parseFilter } from './parse-filter.ts';

type Fact = readonly [filter: Readonly<Record<string, unknown>>, value: object, matches: boolean];

const day = (number: number): Date => new Date(Date.UTC(2026, 0, number));

const facts: Readonly<Record<string, readonly Fact[]>> = {
  'null and missing': [
    [{ a: null }, { a: null }, true],
    [{ a: null }, {}, true],
    [{ a: null }, { a: undefined }, true],
    [{ a: null }, { a: 0 }, false],
    [{ a: null }, { a: [] }, false],
    [{ a: null }, { a: [1, null] }, true],
    [{ a: { $ne: null } }, {}, false],
    [{ a: { $in: [1, null] } }, {}, true],
    [{ a: { $nin: [null] } }, {}, false],
    [{ a: { $gte: null } }, {}, true],
    [{ a: { $lte: null } }, { a: null }, true],
    [{ a: { $gte: null } }, { a: 1 }, false],
    [{ a: { $gt: null } }, { a: null }, false],
    [{ a: { $lt: null } }, {}, false],
    [{ a: { b: null } }, { a: {} }, false],
    [{ a: { b: null } }, { a: { b: null } }, true],
    [{ 'a.b': null }, { a: {} }, true],
    [{ 'a.b': null }, { a: 1 }, true],
    [{ 'a.b': null }, {}, true],
    [{ 'a.b': null }, { a: [] }, false],
    [{ 'a.b': null }, { a: [1, { b: 2 }] }, false],
    [{ 'a.b': null }, { a: [{ b: 2 }, {}] }, true],
    [{ 'a.1.b': null }, { a: [5, { b: 4 }] }, true],
    [{ a: { $exists: true } }, { a: null }, true],
    [{ a: { $exists: true } }, { a: undefined }, false],
    [{ a: { $exists: false } }, { a: null }, false],
    [{ a: { $exists: false } }, {}, true],
    [{ a: { $exists: true } }, { a: [] }, true],
    [{ 'a.b': { $exists: true } }, { a: [{}, { b: null }] }, true],
    [{ 'a.b': { $exists: false } }, { a: [{}, { b: null }] }, false],
    [{ 'a.b': { $exists: false } }, { a: [] }, true],
    [{ 'a.2': { $exists: true } }, { a: [1, 2] }, false],
  ],
  numbers: [
    [{ a: 0 }, { a: -0 }, true],
    [{ a: -0 }, { a: 0 }, true],
    [{ a: { $in: [-0] } }, { a: 0 }, true],
    [{ a: [0] }, { a: [-0] }, true],
    [{ a: { $lt: 0 } }, { a: -0 }, false],
    [{ a: { $gte: -0 } }, { a: 0 }, true],
    [{ a: { $gt: -1e308 } }, { a: 1e308 }, true],
    [{ a: { $gt: 5e-324 } }, { a: 1e-323 }, true],
    [{ a: 1 }, { a: '1' }, false],
    [{ a: 1 }, { a: true }, false],
  ],
  strings: [
    [{ a: { $gt: '\uffff' } }, { a: '\u{10000}' }, true],
    [{ a: { $lt: '\u{10000}' } }, { a: '\ue000' }, true],
    [{ a: { $lt: 'a' } }, { a: 'B' }, true],
    [{ a: { $gt: 'a' } }, { a: 'aa' }, true],
    [{ a: { $gte: '' } }, { a: '' }, true],
    [{ a: 'é' }, { a: 'e\u0301' }, false],
    [{ a: { $startsWith: 'ab' } }, { a: 'abc' }, true],
    [{ a: { $startsWith: 'ab' } }, { a: 'cab' }, false],
    [{ a: { $startsWith: 'a.' } }, { a: 'ab' }, false],
    [{ a: { $startsWith: 'AB' } }, { a: 'abc' }, false],
    [{ a: { $startsWith: '' } }, { a: '' }, true],
    [{ a: { $startsWith: '' } }, { a: 1 }, false],
    [{ a: { $startsWith: '' } }, {}, false],
    [{ a: { $startsWith: '\u{1f600}' } }, { a: '\u{1f601}' }, false],
    [{ a: { $startsWith: 'b' } }, { a: ['a', 'bc'] }, true],
    [{ a: { $startsWith: 'b' } }, { a: [['bc']] }, false],
    [{ a: { $not: { $startsWith: 'b' } } }, { a: ['a', 'bc'] }, false],
  ],
  'comparisons within one type': [
    [{ a: { $gt: 1 } }, { a: '2' }, false],
    [{ a: { $gt: 1 } }, { a: true }, false],
    [{ a: { $lt: 1 } }, { a: null }, false],
    [{ a: { $lt: 1 } }, {}, false],
    [{ a: { $gt: 1 } }, { a: day(1) }, false],
    [{ a: { $gt: 'a' } }, { a: ['b'] }, true],
    [{ a: { $gt: false } }, { a: true }, true],
    [{ a: { $lt: true } }, { a: 0 }, false],
    [{ a: { $gt: {} } }, { a: { b: 1 } }, true],
    [{ a: { $gt: {} } }, { a: [] }, false],
    [{ a: { $gt: {} } }, { a: day(1) }, false],
    [{ a: { $gt: [1] } }, { a: [2] }, true],
    [{ a: { $gt: [1] } }, { a: 2 }, false],
    [{ a: { $gt: [1] } }, { a: [[2]] }, true],
    [{ a: { $gt: [1, 9] } }, { a: [2] }, true],
    [{ a: { $lt: [1, 1] } }, { a: [1] }, true],
  ],
  dates: [
    [{ a: day(1) }, { a: day(1) }, true],
    [{ a: day(1) }, { a: day(1).getTime() }, false],
    [{ a: day(1) }, { a: day(1).toISOString() }, false],
    [{ a: { $gt: day(1) } }, { a: day(2) }, true],
    [{ a: { $lte: day(1) } }, { a: day(2) }, false],
    [{ a: { $in: [day(1)] } }, { a: [day(2), day(1)] }, true],
    [{ a: { b: day(1) } }, { a: { b: day(1) } }, true],
    [{ a: { b: day(1) } }, { a: { b: {} } }, false],
  ],
  objects: [
    [{ a: { b: 1 } }, { a: { b: 1, c: 2 } }, false],
    [{ 'a.b': 1 }, { a: { b: 1, c: 2 } }, true],
    [{ a: { b: 1, c: 2 } }, { a: { c: 2, b: 1 } }, true],
    [{ a: { b: 1 } }, { a: { b: 1, c: undefined } }, true],
    [{ a: { $eq: {} } }, { a: {} }, true],
    [{ a: { $eq: {} } }, { a: [] }, false],
    [{ a: { $eq: {} } }, { a: day(1) }, false],
    [{ a: { toString: 1 } }, { a: { b: 1 } }, false],
    [{ toString: { $exists: true } }, {}, false],
    [{ 'a.length': 1 }, { a: 'x' }, false],
    [{ 'a.length': 1 }, { a: ['x'] }, false],
    [{}, {}, true],
  ],
  'arrays at the end of a path': [
    [{ a: 1 }, { a: [2, 1] }, true],
    [{ a: [2, 1] }, { a: [2, 1] }, true],
    [{ a: [1, 2] }, { a: [2, 1] }, false],
    [{ a: [1] }, { a: [[1], 2] }, true],
    [{ a: 1 }, { a: [[1]] }, false],
    [{ a: [] }, { a: [] }, true],
    [{ a: [] }, { a: [[]] }, true],
    [{ a: { b: 1 } }, { a: [{ b: 1 }] }, true],
    [{ a: { $gt: 1, $lt: 3 } }, { a: [0, 4] }, true],
    [{ a: { $in: [[1]] } }, { a: [1] }, true],
    [{ a: { $in: [] } }, { a: [] }, false],
    [{ a: { $nin: [] } }, {}, true],
  ],
  'paths through arrays': [
    [{ 'a.b': 1 }, { a: [{ b: 2 }, { b: 1 }] }, true],
    [{ 'a.b': 1 }, { a: [{ b: [2, 1] }] }, true],
    [{ 'a.b': 1 }, { a: [[{ b: 1 }]] }, false],
    [{ 'a.b': [1, 2] }, { a: [{ b: 1 }, { b: 2 }] }, false],
    [{ 'a.b.c': 1 }, { a: [{ b: [{ c: 1 }] }] }, true],
    [{ 'a.0': 1 }, { a: [1, 2] }, true],
    [{ 'a.1': 1 }, { a: [1, 2] }, false],
    [{ 'a.0': 1 }, { a: { 0: 1 } }, true],
    [{ 'a.0': 1 }, { a: [{ 0: 1 }] }, true],
    [{ 'a.01': 1 }, { a: [0, 1] }, false],
    [{ 'a.01': 1 }, { a: { '01': 1 } }, true],
    [{ 'a.0': 1 }, { a: [[1]] }, false],
    [{ 'a.0': [1] }, { a: [[1]] }, true],
    [{ 'a.0.0': 1 }, { a: [[1]] }, true],
    [{ 'a.0.b': 1 }, { a: [{ b: 1 }] }, true],
    [{ 'a.1.b': 4 }, { a: [5, [{ b: 4 }]] }, true],
    [{ 'a.0.b': null }, { a: [1] }, false],
    [{ 'a.1': null }, { a: [1] }, false],
    [{ 'a.1': null }, { a: [1, null] }, true],
    [{ 'a.b.0': 1 }, { a: [{ b: [1] }, { b: 2 }] }, true],
    [{ 'a.0': { $lt: 2 } }, { a: [1] }, true],
    [{ 0: 1 }, { 0: 1 }, true],
  ],
  'exact negations': [
    [{ a: { $ne: 1 } }, { a: [1, 2] }, false],
    [{ a: { $ne: 1 } }, {}, true],
    [{ a: { $ne: 1 } }, { a: '1' }, true],
    [{ a: { $nin: [1, 3] } }, { a: [1, 2] }, false],
    [{ a: { $nin: [1, 3] } }, {}, true],
    [{ a: { $not: { $gt: 1 } } }, {}, true],
    [{ a: { $not: { $gt: 1 } } }, { a: 'x' }, true],
    [{ a: { $not: { $gt: 1 } } }, { a: [0, 2] }, false],
    [{ a: { $not: { $gt: 1, $lt: 3 } } }, { a: 4 }, true],
    [{ a: { $not: { $not: { $gt: 1 } } } }, { a: 2 }, true],
    [{ 'a.b': { $ne: 1 } }, { a: [{ b: 1 }, { b: 2 }] }, false],
    [{ 'a.b': { $ne: 1 } }, { a: [] }, true],
  ],
  $all: [
    [{ a: { $all: [1, 2] } }, { a: [2, 3, 1] }, true],
    [{ a: { $all: [1, 2] } }, { a: [1] }, false],
    [{ a: { $all: [1] } }, { a: 1 }, true],
    [{ a: { $all: [] } }, { a: [] }, false],
    [{ a: { $all: [[1, 2]] } }, { a: [1, 2] }, true],
    [{ a: { $all: [null] } }, {}, true],
    [{ 'a.b': { $all: [1, 2] } }, { a: [{ b: 1 }, { b: 2 }] }, true],
  ],
  '$elemMatch with operators': [
    [{ a: { $elemMatch: { $gt: 1, $lt: 3 } } }, { a: [0, 4] }, false],
    [{ a: { $elemMatch: { $gt: 1, $lt: 3 } } }, { a: [0, 2] }, true],
    [{ a: { $elemMatch: { $eq: 1 } } }, { a: 1 }, false],
    [{ a: { $elemMatch: { $eq: 1 } } }, { a: [[1]] }, false],
    [{ a: { $elemMatch: { $eq: [1] } } }, { a: [[1]] }, true],
    [{ a: { $elemMatch: { $eq: null } } }, { a: [] }, false],
    [{ a: { $elemMatch: { $ne: 1 } } }, { a: [1, 2] }, true],
    [{ a: { $elemMatch: { $elemMatch: { $gt: 1 } } } }, { a: [[0, 2]] }, true],
    [{ 'a.b': { $elemMatch: { $eq: 1 } } }, { a: [{ b: 1 }, { b: [1] }] }, true],
    [{ a: { $not: { $elemMatch: { $gt: 1 } } } }, {}, true],
  ],
  '$elemMatch with conditions': [
    [{ a: { $elemMatch: { b: 1, c: 2 } } }, { a: [{ b: 1 }, { c: 2 }] }, false],
    [{ a: { $elemMatch: { b: 1, c: 2 } } }, { a: [{ b: 1, c: 2 }] }, true],
    [{ a: { $elemMatch: { b: 1 } } }, { a: { b: 1 } }, false],
    [{ a: { $elemMatch: { b: null } } }, { a: [1, null] }, false],
    [{ a: { $elemMatch: { b: null } } }, { a: [{}] }, true],
    [{ a: { $elemMatch: { b: null } } }, { a: [day(1)] }, false],
    [{ a: { $elemMatch: { 0: 1 } } }, { a: [[1]] }, true],
    [{ a: { $elemMatch: { b: 1 } } }, { a: [[{ b: 1 }]] }, false],
    [{ a: { $elemMatch: { $or: [{ b: 1 }, { b: 2 }] } } }, { a: [{ b: 2 }] }, true],
  ],
  '$and, $or and several conditions': [
    [{ a: 1, b: 2 }, { a: 1 }, false],
    [{ a: 1, b: 2, c: 3 }, { a: 1, b: 2, c: 3 }, true],
    [{ $and: [{ a: 1 }, { a: 2 }] }, { a: [1, 2] }, true],
    [{ $and: [{ a: 1 }, { a: 2 }, { a: 3 }] }, { a: [1, 2] }, false],
    [{ $or: [{ a: 1 }, { a: 2 }] }, { a: 2 }, true],
    [{ $or: [{ a: 1 }, { b: 1 }, { c: 1 }] }, { c: 1 }, true],
    [{ $or: [{ a: 1 }, { b: 1 }], c: 1 }, { a: 1 }, false],
    [{ $or: [{}] }, {}, true],
  ],
};

function hasOperators(condition: unknown): boolean {
  return isDataObject(condition) && Object.keys(condition).some((name) => name.startsWith('$'));
}

describe('compileFilter', () => {
  describe.each(Object.entries(facts))('%s', (_name, rows) => {
    it.each(rows)('%j on %j is %j', (filter, value, matches) => {
      expect(compileFilter(parseFilter(filter))(value)).toBe(matches);
    });
  });

  it('answers every $not the other way round', () => {
    for (const [filter, value, matches] of Object.values(facts).flat()) {
      for (const [path, condition] of Object.entries(filter)) {
        const isField = !path.startsWith('$') && Object.keys(filter).length === 1;
        if (isField && hasOperators(condition)) {
          const negated = compileFilter(parseFilter({ [path]: { $not: condition } }));
          expect(negated(value), JSON.stringify({ filter, value })).toBe(!matches);
        }
      }
    }
  });

  it('keeps nothing between calls', () => {
    const test = compileFilter(parseFilter({ a: { $elemMatch: { b: { $in: [1, day(1)] } } } }));
    const values = [{ a: [{ b: 1 }] }, { a: [{ b: 2 }] }, { a: [{ b: day(1) }] }];
    expect([...values, ...values].map(test)).toEqual([true, false, true, true, false, true]);
  });
});
