import type { OrderBy } from '@sorcha/storage';
import * as fc from 'fast-check';

/** An object whose members are not known before. */
export type Members = Readonly<Record<string, unknown>>;

/** A search. Its filter may be one that is refused. */
export interface Query {
  readonly filter: Members;
  readonly orderBy: OrderBy[];
  readonly limit: number | undefined;
  readonly skip: number;
}

// Few names and few values, so that filters and data meet; numbers and texts that databases read, compare or index otherwise.
export const number = fc.oneof(
  { arbitrary: fc.constantFrom(0, -0, 1, 2, -1.5, 0.1, 0.30000000000000004, 1 / 3), weight: 4 },
  fc.constantFrom(1e21, -1e21, 5e-324, 2.2250738585072014e-308, Number.MAX_VALUE, 123456789.125),
  fc.constantFrom(2 ** 53 - 1, 2 ** 31, 2 ** 60),
);
export const text = fc.oneof(
  { arbitrary: fc.constantFrom('', 'a', 'ab', 'b', '1', 'true', 'A', 'ä'), weight: 3 },
  fc.constantFrom('\uffff', '\u{1f600}', '\u{10ffff}a', 'a"\\\n\u0001', '$a', '^a.*', 'a b', '%', '_'),
);
export const date = fc.constantFrom(0, 1, -1, Date.UTC(2026, 0, 1)).map((time) => new Date(time));
const json = fc.oneof(
  { arbitrary: number, weight: 4 },
  { arbitrary: text, weight: 4 },
  fc.boolean(),
  fc.constant(null),
);
const scalar = fc.oneof({ arbitrary: json, weight: 6 }, date);
export const list = <T>(element: fc.Arbitrary<T>) => fc.array(element, { maxLength: 3 });
/** Also names that a database or its driver could take for something else. */
const names = ['a', 'b', '0', 'a', 'b', '0', 'a.b', '$a', '', '_bsontype', '%', '%24a'];
const object = <T>(member: fc.Arbitrary<T>) =>
  fc.dictionary(fc.constantFrom(...names), member, { maxKeys: 2, noNullPrototype: true });

/** What a member that may be anything holds: scalars, lists and nested objects, without dates. */
export const value = fc.oneof(
  { arbitrary: json, weight: 5 },
  list(json),
  { arbitrary: object(fc.oneof(json, list(json), object(json))), weight: 2 },
  { arbitrary: list(fc.oneof(json, object(json), list(json))), weight: 2 },
);

const operand = fc.oneof(
  { arbitrary: scalar, weight: 8 },
  list(fc.oneof({ arbitrary: scalar, weight: 5 }, object(json))),
  object(json).filter((members) => Object.keys(members).length > 0),
);
const toMembers = ([name, member]: readonly [string, unknown]): Members => ({ [name]: member });

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

/** Filters of every operator on some members, and on paths into those that are `nested`. */
function createFilters(members: readonly string[], nested: readonly string[]): fc.Arbitrary<Members> {
  const ends = ['.a', '.a', '.b', '.b', '.0', '.a.b', '.0.a', '.%', '._bsontype'];
  const paths = nested.flatMap((member) => ends.map((end) => member + end));
  const path = fc.oneof(fc.constantFrom(...members), fc.constantFrom(...(paths.length === 0 ? members : paths)));
  const condition = fc.tuple(path, fc.oneof({ arbitrary: operators, weight: 3 }, operand)).map(toMembers);
  return fc.letrec<{ filter: Members }>((tie) => ({
    filter: fc.oneof(
      { depthSize: 'small' },
      { arbitrary: condition, weight: 6 },
      fc.tuple(condition, condition).map(([a, b]) => Object.assign({}, a, b)),
      fc.tuple(fc.constantFrom('$and', '$or'), fc.array(tie('filter'), { minLength: 1, maxLength: 3 })).map(toMembers),
      fc.constant({}),
    ),
  })).filter;
}

/** So many searches by some members, and by paths into those that are `nested`. Half of them ask for all that matches. */
export function createQueries(
  count: number,
  members: readonly string[],
  nested: readonly string[] = [],
): fc.Arbitrary<Query[]> {
  const paths = [...members, ...nested.flatMap((member) => [`${member}.a`, `${member}.0`])];
  const key = fc.record({
    path: fc.constantFrom(...paths),
    direction: fc.constantFrom('asc' as const, 'desc' as const),
  });
  const query = fc.record({
    filter: createFilters(members, nested),
    orderBy: fc.array(key, { maxLength: 3 }),
    limit: fc.constantFrom(1, 2, 5, 1_000, undefined, undefined, undefined, undefined),
    skip: fc.constantFrom(0, 0, 0, 0, 1, 3),
  });
  return fc.array(query, { minLength: count, maxLength: count });
}
