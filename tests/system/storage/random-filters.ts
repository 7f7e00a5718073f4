import * as fc from 'fast-check';

/** An object whose members are not known before. */
export type Members = Readonly<Record<string, unknown>>;

// Few names and few values, so that filters and documents meet; numbers and texts that databases read, compare or index otherwise.
const number = fc.oneof(
  { arbitrary: fc.constantFrom(0, -0, 1, 2, -1.5, 0.1, 0.30000000000000004, 1 / 3), weight: 4 },
  fc.constantFrom(1e21, -1e21, 5e-324, 2.2250738585072014e-308, Number.MAX_VALUE, 2 ** 53 - 1, 2 ** 31, 2 ** 60),
);
const text = fc.oneof(
  { arbitrary: fc.constantFrom('', 'a', 'ab', 'b', '1', 'true', 'A', 'ä'), weight: 3 },
  fc.constantFrom('\uffff', '\u{1f600}', '\u{10ffff}a', 'a"\\\n\u0001', '$a', '^a.*', 'a b', '%', '_'),
);
const json = fc.oneof(
  { arbitrary: number, weight: 4 },
  { arbitrary: text, weight: 4 },
  fc.boolean(),
  fc.constant(null),
);
const date = fc.constantFrom(0, 1, -1, Date.UTC(2026, 0, 1)).map((time) => new Date(time));
const scalar = fc.oneof({ arbitrary: json, weight: 6 }, date);
const list = <T>(element: fc.Arbitrary<T>) => fc.array(element, { maxLength: 3 });
/** Also names that a database or its driver could take for something else. */
const names = ['a', 'b', '0', 'a', 'b', '0', 'a.b', '$a', '', '_bsontype', '%24a'];
const object = <T>(member: fc.Arbitrary<T>) =>
  fc.dictionary(fc.constantFrom(...names), member, { maxKeys: 2, noNullPrototype: true });
const value = fc.oneof(
  { arbitrary: json, weight: 5 },
  list(json),
  { arbitrary: object(fc.oneof(json, list(json), object(json))), weight: 2 },
  { arbitrary: list(fc.oneof(json, object(json), list(json))), weight: 2 },
);
const toMembers = ([name, member]: readonly [string, unknown]): Members => ({ [name]: member });

const ends = ['.a', '.a', '.b', '.b', '.0', '.a.b', '.0.a', '._bsontype'];
const path = fc.oneof(
  fc.constantFrom('a', 'b', 'id', 'none'),
  fc.constantFrom(...['a', 'b', 'none'].flatMap((member) => ends.map((end) => member + end))),
);
const operand = fc.oneof(
  { arbitrary: scalar, weight: 8 },
  list(fc.oneof({ arbitrary: scalar, weight: 5 }, object(json))),
  object(json).filter((members) => Object.keys(members).length > 0),
);

const { operators } = fc.letrec<{ operators: Members }>((tie) => ({
  operators: fc.oneof(
    { depthSize: 'small' },
    {
      arbitrary: fc.tuple(fc.constantFrom('$eq', '$ne', '$gt', '$gte', '$lt', '$lte'), operand).map(toMembers),
      weight: 6,
    },
    { arbitrary: fc.tuple(fc.constantFrom('$in', '$nin', '$all'), list(operand)).map(toMembers), weight: 3 },
    fc
      .tuple(fc.constantFrom('$gt', '$gte'), scalar, fc.constantFrom('$lt', '$lte'), scalar)
      .map(([a, b, c, d]) => ({ [a]: b, [c]: d })),
    fc.boolean().map(($exists) => ({ $exists })),
    text.map(($startsWith) => ({ $startsWith })),
    tie('operators').map(($not) => ({ $not })),
    tie('operators').map(($elemMatch) => ({ $elemMatch })),
    fc
      .tuple(fc.constantFrom('a', 'b', '0', '_bsontype'), fc.oneof(tie('operators'), operand))
      .map((condition) => ({ $elemMatch: toMembers(condition) })),
  ),
}));
const condition = fc.tuple(path, fc.oneof({ arbitrary: operators, weight: 3 }, operand)).map(toMembers);

/** Filters with every operator, on members of documents that `documentContent` makes. Some are refused. */
export const documentFilter: fc.Arbitrary<Members> = fc.letrec<{ filter: Members }>((tie) => ({
  filter: fc.oneof(
    { depthSize: 'small' },
    { arbitrary: condition, weight: 6 },
    fc.tuple(condition, condition).map(([a, b]) => Object.assign({}, a, b)),
    fc.tuple(fc.constantFrom('$and', '$or'), fc.array(tie('filter'), { minLength: 1, maxLength: 3 })).map(toMembers),
    fc.constant({}),
  ),
})).filter;

/** Contents of documents: the members `a` and `b`, both or none. */
export const documentContent: fc.Arbitrary<Members> = fc.record({ a: value, b: value }, { requiredKeys: [] });
