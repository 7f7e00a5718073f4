import * as fc from 'fast-check';
import { Query } from 'mingo';
import { describe, expect, it } from 'vitest';
import { compileFilter } from './compile-filter.ts';
import { isDataObject } from './data-object.ts';
import { parseFilter } from './parse-filter.ts';

type Members = Readonly<Record<string, unknown>>;

const FILTERS = 5_000;
const DOCUMENTS_PER_FILTER = 20;

// Few names and few values, so that filters and documents meet.
const names = ['a', 'b', '0'];
const number = fc.constantFrom(0, -0, 1, 2, -1.5);
const text = fc.constantFrom('', 'a', 'ab', 'b', '\uffff', '\u{1f600}', '\u{1f600}a');
const scalar = fc.oneof(
  { arbitrary: number, weight: 4 },
  { arbitrary: text, weight: 4 },
  fc.constant(null),
  fc.boolean(),
  fc.constantFrom(0, 1).map((time) => new Date(time)),
);
const members = <T>(member: fc.Arbitrary<T>) =>
  fc.dictionary(fc.constantFrom(...names), member, { maxKeys: 3, noNullPrototype: true });
const list = <T>(element: fc.Arbitrary<T>) => fc.array(element, { maxLength: 3 });

const innerList = list(scalar);
const innerObject = members(fc.oneof({ arbitrary: scalar, weight: 4 }, innerList));
const value = fc.oneof(
  { arbitrary: scalar, weight: 5 },
  { arbitrary: list(scalar), weight: 2 },
  { arbitrary: innerObject, weight: 2 },
  { arbitrary: list(innerObject), weight: 2 },
  list(fc.oneof(scalar, innerObject, innerList)),
);
const document = fc.oneof(members(value), fc.record({ a: value, b: value }));

const path = fc.oneof(
  { arbitrary: fc.constantFrom('a', 'b'), weight: 4 },
  { arbitrary: fc.constantFrom('a.a', 'a.b', 'b.a', 'b.b'), weight: 3 },
  fc.constantFrom('a.0', 'b.1', 'a.b.0', 'a.0.b', 'a.b.a'),
);
const operand = fc.oneof(
  { arbitrary: scalar, weight: 8 },
  list(scalar),
  members(scalar).filter((object) => Object.keys(object).length > 0),
);
const order = fc.constantFrom('$gt', '$gte', '$lt', '$lte');
const operators: fc.Arbitrary<Members> = fc.letrec<{ all: Members; simple: Members }>((tie) => ({
  simple: fc.oneof(
    fc.tuple(fc.constantFrom('$eq', '$ne'), operand).map(toMembers),
    fc.tuple(order, operand).map(toMembers),
    fc.tuple(order, operand, order, operand).map(([a, b, c, d]) => ({ [a]: b, [c]: d })),
    fc.tuple(fc.constantFrom('$in', '$nin'), list(operand)).map(toMembers),
    fc.boolean().map(($exists) => ({ $exists })),
    text.map(($startsWith) => ({ $startsWith })),
  ),
  all: fc.oneof(
    { arbitrary: tie('simple'), weight: 6 },
    tie('all').map(($not) => ({ $not })),
    list(operand).map(($all) => ({ $all })),
    tie('all').map(($elemMatch) => ({ $elemMatch })),
    fc
      .tuple(fc.constantFrom('a', 'b', 'a.b'), fc.oneof(operand, tie('all')))
      .map((condition) => ({ $elemMatch: toMembers(condition) })),
  ),
})).all;
const condition = fc.tuple(path, fc.oneof({ arbitrary: operators, weight: 4 }, operand)).map(toMembers);
const filter: fc.Arbitrary<Members> = fc.letrec<{ filter: Members }>((tie) => ({
  filter: fc.oneof(
    { depthSize: 'small' },
    { arbitrary: condition, weight: 6 },
    fc.tuple(condition, condition).map(([a, b]) => Object.assign({}, a, b)),
    fc.tuple(fc.constantFrom('$and', '$or'), fc.array(tie('filter'), { minLength: 1, maxLength: 3 })).map(toMembers),
  ),
})).filter;

function toMembers([name, member]: readonly [string, unknown]): Members {
  return { [name]: member };
}

/** The same filter for mingo, which has no `$startsWith`. */
function toMingo(input: Members): Members {
  const convert = (member: unknown): unknown =>
    Array.isArray(member) ? member.map(convert) : isDataObject(member) ? toMingo(member) : member;
  const entries = Object.entries(input).map(([name, member]): [string, unknown] =>
    // The texts of this alphabet have no characters that a regular expression would read otherwise.
    name === '$startsWith' ? ['$regex', new RegExp(`^${String(member)}`, 'u')] : [name, convert(member)],
  );
  return Object.fromEntries(entries);
}

/** The way of a path into a document. */
interface Way {
  /** The whole values at its end, `undefined` where an object on the way lacks the member. */
  readonly values: unknown[];
  /** It goes through an array to the members of its elements. */
  gathers: boolean;
  /** It ends inside an array: there is no such index, or an element without the member. */
  gaps: boolean;
  /** It goes through an array that has arrays as elements. */
  nests: boolean;
  /** It picks an element by its index where there are also objects to enter, or picks an array. */
  picks: boolean;
}

/** One operator that a filter applies to what stands at a path of a document, or of an element under `$elemMatch`. */
interface Asked extends Readonly<Way> {
  readonly at: string;
  readonly operator: string;
  readonly argument: unknown;
}

function askedOf(input: unknown, root: unknown): readonly Asked[] {
  return Object.entries(toObject(input)).flatMap(([key, member]) => {
    const inner: readonly unknown[] = Array.isArray(member) ? member : [];
    return key === '$and' || key === '$or'
      ? inner.flatMap((branch) => askedOf(branch, root))
      : askedAt(key, hasOperators(member) ? member : { $eq: member }, root);
  });
}

function askedAt(at: string, applied: unknown, root: unknown): readonly Asked[] {
  const way: Way = { values: [], gathers: false, gaps: false, nests: false, picks: false };
  follow(at.split('.'), root, way);
  return Object.entries(toObject(applied)).flatMap(([operator, argument]) => {
    if (operator === '$not') {
      return askedAt(at, argument, root);
    }
    const elements = operator === '$elemMatch' ? elementsOf(way) : [];
    const inner = elements.flatMap((element) =>
      hasOperators(argument) ? askedAt('element', argument, { element }) : askedOf(argument, element),
    );
    const own: readonly Asked[] = [Object.assign({ at, operator, argument }, way)];
    return own.concat(inner);
  });
}

function follow(segments: readonly string[], from: unknown, way: Way): void {
  const [segment, ...rest] = segments;
  if (segment === undefined) {
    way.values.push(from);
  } else if (!Array.isArray(from)) {
    follow(rest, isDataObject(from) ? from[segment] : undefined, way);
  } else if (/^\d+$/u.test(segment)) {
    const picked: unknown = from[Number(segment)];
    way.picks ||= from.some(isDataObject) || Array.isArray(picked);
    way.gaps ||= picked === undefined || (rest.length > 0 && !isDataObject(picked));
    follow(rest, picked, way);
  } else {
    way.gathers = true;
    way.gaps ||= from.length === 0;
    for (const element of from) {
      const count = way.values.length;
      if (isDataObject(element)) {
        follow(segments, element, way);
      }
      way.gaps ||= way.values.length === count || way.values.slice(count).includes(undefined);
      way.nests ||= Array.isArray(element);
    }
  }
}

function hasOperators(member: unknown): boolean {
  return Object.keys(toObject(member)).some((key) => key.startsWith('$'));
}

function toObject(input: unknown): Members {
  return isDataObject(input) ? input : {};
}

/** The values that an operator compares with. */
function operandsOf({ operator, argument }: Asked): readonly unknown[] {
  if (operator === '$in' || operator === '$nin' || operator === '$all') {
    return Array.isArray(argument) ? argument : [];
  }
  return operator === '$exists' || operator === '$elemMatch' ? [] : [argument];
}

const isOrder = ({ operator }: Asked): boolean => /^\$[gl]te?$/u.test(operator);

/** The values at the path and the elements of those that are arrays. */
const reached = (asked: Asked): readonly unknown[] => [...asked.values, ...elementsOf(asked)];

function elementsOf({ values }: Pick<Asked, 'values'>): readonly unknown[] {
  return values.filter(Array.isArray).flat();
}

/** A deliberate difference: its example is answered `ours` by us and the other way round by mingo. */
interface Difference {
  readonly why: string;
  readonly differs: (asked: Asked) => boolean;
  readonly example: readonly [filter: Members, document: Members, ours: boolean];
}

const differences: readonly Difference[] = [
  {
    why: '$gte and $lte of null also match a missing member, as in MongoDB; mingo only matches null',
    differs: (asked) => isOrder(asked) && asked.argument === null && asked.values.includes(undefined),
    example: [{ a: { $gte: null } }, {}, true],
  },
  {
    why: 'strings are ordered by code point, as in MongoDB; mingo orders them by UTF-16 unit',
    differs: (asked) =>
      isOrder(asked) &&
      [/[\ue000-\uffff]/u, /[\u{10000}-\u{10ffff}]/u].every((part) =>
        part.test(JSON.stringify([asked.argument, asked.values])),
      ),
    example: [{ a: { $gt: '\uffff' } }, { a: '\u{1f600}' }, true],
  },
  {
    why: 'objects are ordered member by member, as in MongoDB; mingo compares all names before any value',
    differs: (asked) => isOrder(asked) && isDataObject(asked.argument) && reached(asked).some(isDataObject),
    example: [{ a: { $gt: { a: 2 } } }, { a: { a: 1, b: 0 } }, false],
  },
  {
    why: 'operators that order or list compare arrays with whole arrays, as in MongoDB; mingo only looks at elements, and orders arrays after sorting them',
    differs: (asked) =>
      !/^\$(?:eq|ne)$/u.test(asked.operator) &&
      asked.values.some(Array.isArray) &&
      operandsOf(asked).some(Array.isArray),
    example: [{ a: { $in: [[1]] } }, { a: [1] }, true],
  },
  {
    why: '$all also matches a value that is no array, as in MongoDB; mingo asks for an array',
    differs: (asked) =>
      asked.operator === '$all' && operandsOf(asked).some((one) => asked.values.some((other) => isSame(one, other))),
    example: [{ a: { $all: [1] } }, { a: 1 }, true],
  },
  {
    why: 'an object without the member has it missing also inside an array, and a path that ends inside an array yields nothing, as in MongoDB; mingo leaves out the first and takes the second for missing',
    differs: (asked) => asked.gaps && (asked.operator === '$exists' || operandsOf(asked).includes(null)),
    example: [{ 'a.b': null }, { a: [{}] }, true],
  },
  {
    why: 'values met through an array are judged one by one, as in MongoDB; mingo makes a list of them and judges it like a stored array',
    differs: (asked) =>
      asked.gathers &&
      (asked.operator === '$elemMatch' ||
        operandsOf(asked).some(Array.isArray) ||
        (asked.values.some(Array.isArray) && !/^\$(?:eq|ne|exists)$/u.test(asked.operator))),
    example: [{ 'a.b': [1, 2] }, { a: [{ b: 1 }, { b: 2 }] }, false],
  },
  {
    why: 'a path does not enter arrays inside arrays, as in MongoDB; mingo yields such an array itself',
    differs: ({ nests }) => nests,
    example: [{ 'a.b': 1 }, { a: [[1], {}] }, false],
  },
  {
    why: 'only the elements of an array are looked at, not their elements, as in MongoDB; mingo goes one level deeper for $startsWith and for dotted paths',
    differs: (asked) =>
      elementsOf(asked).some(Array.isArray) && (asked.operator === '$startsWith' || asked.at.includes('.')),
    example: [{ 'a.b': 1 }, { a: { b: [[1]] } }, false],
  },
  {
    why: 'an index picks an element as one value, and objects in the array may have a member of that name, as in MongoDB; mingo looks into a picked array and only picks',
    differs: ({ picks }) => picks,
    example: [{ 'a.0': 1 }, { a: [[1]] }, false],
  },
  {
    why: '$elemMatch with conditions only looks at objects and arrays, as in MongoDB; mingo gives every condition the element itself when it is another value',
    differs: (asked) =>
      asked.operator === '$elemMatch' &&
      !hasOperators(asked.argument) &&
      elementsOf(asked).some((element) => !isDataObject(element)),
    example: [{ a: { $elemMatch: { b: 1 } } }, { a: [1] }, false],
  },
  {
    why: '$elemMatch with operators takes an element that is an array as one value, as in MongoDB; mingo looks into it',
    differs: (asked) =>
      asked.operator === '$elemMatch' && hasOperators(asked.argument) && elementsOf(asked).some(Array.isArray),
    example: [{ a: { $elemMatch: { $eq: 1 } } }, { a: [[1]] }, false],
  },
];

function isSame(a: unknown, b: unknown): boolean {
  return JSON.stringify(a ?? null) === JSON.stringify(b ?? null);
}

describe('compileFilter beside mingo (FR-021)', () => {
  it(`answers ${FILTERS * DOCUMENTS_PER_FILTER} random pairs as mingo does, outside the listed differences`, () => {
    const { SORCHA_TEST_SEED: seed } = process.env;
    const documents = fc.array(document, { minLength: DOCUMENTS_PER_FILTER, maxLength: DOCUMENTS_PER_FILTER });
    const counts = { compared: 0, matched: 0, excluded: 0 };
    fc.assert(
      fc.property(filter, documents, (input, inputs) => {
        const test = compileFilter(parseFilter(input));
        const query = new Query(toMingo(input));
        for (const root of inputs) {
          const asked = askedOf(input, root);
          if (differences.some(({ differs }) => asked.some(differs))) {
            counts.excluded += 1;
          } else {
            const matches = test(root);
            expect({ root, matches }).toEqual({ root, matches: query.test(root) });
            counts.compared += 1;
            counts.matched += Number(matches);
          }
        }
      }),
      { numRuns: FILTERS, ...(seed === undefined ? {} : { seed: Number(seed) }) },
    );
    expect(counts.compared + counts.excluded).toBe(FILTERS * DOCUMENTS_PER_FILTER);
    expect(counts.excluded / (FILTERS * DOCUMENTS_PER_FILTER)).toBeLessThan(0.15);
    expect(counts.matched / counts.compared).toBeGreaterThan(0.1);
    expect(counts.matched / counts.compared).toBeLessThan(0.9);
  });

  it.each(differences)('differs: $why', ({ differs, example: [input, root, ours] }) => {
    expect(compileFilter(parseFilter(input))(root)).toBe(ours);
    expect(new Query(toMingo(input)).test(root)).toBe(!ours);
    expect(askedOf(input, root).some(differs)).toBe(true);
  });
});
