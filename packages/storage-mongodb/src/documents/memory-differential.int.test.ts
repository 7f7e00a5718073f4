import {
  type DocumentStore,
  defineDocument,
  type Filter,
  type OrderBy,
  parseFilter,
  StorageError,
} from '@sorcha/storage';
import { createMemoryDocumentStore } from '@sorcha/storage/memory';
import { startMongo } from '@sorcha/test-servers';
import * as fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import { z } from 'zod';
import { openMongoDocumentStore } from './open-mongo-document-store.ts';
import { toDocumentFilter } from './search-documents.ts';

type Members = Readonly<Record<string, unknown>>;

const DATA_SETS = 60;
const QUERIES_PER_SET = 100;
/** Each query is a round trip or more. */
const TIMEOUT_MS = 400_000;

// Few names and few values, so that filters and data meet.
const number = fc.oneof(
  { arbitrary: fc.constantFrom(0, -0, 1, 2, -1.5, 0.1, 0.30000000000000004, 1 / 3), weight: 4 },
  fc.constantFrom(1e21, -1e21, 5e-324, 2.2250738585072014e-308, Number.MAX_VALUE, 2 ** 53 - 1, 2 ** 31, 2 ** 60),
);
const text = fc.constantFrom(
  '',
  'a',
  'ab',
  'b',
  '1',
  'true',
  '\uffff',
  '\u{1f600}',
  '\u{10ffff}a',
  'a"\\\n\u0001',
  '$a',
  '^a.*',
  'a b',
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
const object = <T>(member: fc.Arbitrary<T>, ...names: readonly string[]) =>
  fc.dictionary(fc.constantFrom('a', 'b', '0', ...names), member, { maxKeys: 2, noNullPrototype: true });
/** Names that only documents can have: MongoDB or its driver would take them for something else. */
const special = ['a.b', '$a', '', '_bsontype', '%', '%24a'];
const value = fc.oneof(
  { arbitrary: json, weight: 5 },
  list(json),
  { arbitrary: object(fc.oneof(json, list(json), object(json)), ...special), weight: 2 },
  { arbitrary: list(fc.oneof(json, object(json), list(json))), weight: 2 },
);
const toMembers = ([name, member]: readonly [string, unknown]): Members => ({ [name]: member });

function createFilters(members: readonly string[], nested: readonly string[]): fc.Arbitrary<Members> {
  const ends = ['.a', '.a', '.b', '.b', '.0', '.a.b', '.0.a', '.%', '._bsontype'];
  const paths = nested.flatMap((member) => ends.map((end) => member + end));
  const path = fc.oneof(fc.constantFrom(...members), fc.constantFrom(...paths));
  const operand = fc.oneof(
    { arbitrary: scalar, weight: 8 },
    list(fc.oneof({ arbitrary: scalar, weight: 5 }, object(json))),
    object(json).filter((members_) => Object.keys(members_).length > 0),
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

interface Query {
  readonly filter: Members;
  readonly orderBy: OrderBy[];
  readonly limit: number | undefined;
  readonly skip: number;
}

const key = fc.record({
  path: fc.constantFrom('a', 'b', 'id', 'none', 'a.a', 'a.b', 'b.0', 'none.a'),
  direction: fc.constantFrom('asc' as const, 'desc' as const),
});
const queries = fc.array(
  fc.record({
    filter: createFilters(['a', 'b', 'id', 'none'], ['a', 'b', 'none']),
    orderBy: fc.array(key, { maxLength: 3 }),
    limit: fc.constantFrom(1, 2, 5, 1_000, undefined),
    skip: fc.constantFrom(0, 0, 1, 3),
  }),
  { minLength: QUERIES_PER_SET, maxLength: QUERIES_PER_SET },
);
const contents = fc.record({ a: value, b: value }, { requiredKeys: [] });
const documents = fc
  .array(contents, { minLength: 5, maxLength: 30 })
  .map((list_) => list_.map((members, index) => ({ ...members, id: `${index % 7} ${index}` })));

/** Checks as the stores will do, so that the type may say so. */
function isFilter<E>(input: Members): input is Members & Filter<E> {
  parseFilter(input);
  return true;
}

const note = defineDocument({
  name: 'note',
  schema: z.looseObject({ id: z.string() }),
  key: 'id',
  indexes: ['a', 'b', 'a.b', 'b.a'],
});
type Note = ReturnType<typeof note.parse>;

/** An answer, or the code with which it was refused, so that stores can be compared in both. */
async function orCode<T>(answer: Promise<T>): Promise<T | { readonly code: string; readonly count: number }> {
  try {
    return await answer;
  } catch (error) {
    if (error instanceof StorageError) {
      return { code: error.code, count: 0 };
    }
    throw error;
  }
}

/** Whether MongoDB decides alone. */
function isExact({ filter }: Query): boolean {
  try {
    return toDocumentFilter(note, filter).test === undefined;
  } catch (error) {
    expect(error).toMatchObject({ code: 'INVALID' });
    return false;
  }
}

let url: string;
const ends: (() => Promise<void>)[] = [];
beforeAll(async () => {
  url = await (await startMongo({ onEnd: (end) => ends.push(end) })).createDatabase();
});
afterAll(async () => {
  for (const end of ends) {
    await end();
  }
});

/** Asks both stores the same; says how much was found. */
async function compare(memory: DocumentStore<Note>, mongo: DocumentStore<Note>, query: Query): Promise<number> {
  const { filter, limit, ...options } = query;
  if (!isFilter<Note>(filter)) {
    return 0;
  }
  const find = { ...options, ...(limit === undefined ? {} : { limit }) };
  const ask = async (store: DocumentStore<Note>) => {
    const [items, count] = await Promise.all([store.find(filter, find), store.count(filter)]);
    return { items, count };
  };
  const [expected, found] = await Promise.all([orCode(ask(memory)), orCode(ask(mongo))]);
  expect({ query, ...found }).toEqual({ query, ...expected });
  return expected.count;
}

describe(`MongoDB answers ${DATA_SETS * QUERIES_PER_SET} random queries as memory does`, () => {
  test(
    'translated where it means the same, else narrowed and decided here',
    async () => {
      const seed = Number(process.env['SORCHA_TEST_SEED'] ?? Date.now() % 2 ** 31);
      process.stderr.write(`MongoDB: SORCHA_TEST_SEED=${seed}\n`);
      const store = await openMongoDocumentStore({ url, definition: note, pool: { max: 4 } });
      onTestFinished(async () => store.close());
      let [matches, exact] = [0, 0];
      await fc.assert(
        fc.asyncProperty(documents, queries, async (data, asked) => {
          const memory = createMemoryDocumentStore({ definition: note });
          await store.deleteMany({});
          await Promise.all([store.insertMany(data), memory.insertMany(data)]);
          for (const query of asked) {
            matches += await compare(memory, store, query);
            exact += Number(isExact(query));
          }
          const { filter } = asked[0] ?? { filter: {} };
          if (isFilter<Note>(filter)) {
            expect(await orCode(store.deleteMany(filter))).toEqual(await orCode(memory.deleteMany(filter)));
            expect(await store.find({})).toEqual(await memory.find({}));
          }
        }),
        { numRuns: DATA_SETS, seed, endOnFailure: true },
      );
      expect(matches).toBeGreaterThan(DATA_SETS * QUERIES_PER_SET);
      // Both ways are taken often.
      expect(exact).toBeGreaterThan(0.3 * DATA_SETS * QUERIES_PER_SET);
      expect(exact).toBeLessThan(0.9 * DATA_SETS * QUERIES_PER_SET);
    },
    TIMEOUT_MS,
  );
});
