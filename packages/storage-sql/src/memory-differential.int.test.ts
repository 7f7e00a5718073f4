import { join } from 'node:path';
import {
  type DocumentStore,
  defineDocument,
  defineEntity,
  type Filter,
  type OrderBy,
  parseFilter,
  type RelationalStore,
  type Repository,
  StorageError,
} from '@sorcha/storage';
import { createMemoryDocumentStore, createMemoryRelationalStore } from '@sorcha/storage/memory';
import { createTemporaryFolder } from '@sorcha/storage/testing';
import { startPostgres } from '@sorcha/test-servers';
import * as fc from 'fast-check';
import { describe, expect, onTestFinished, test } from 'vitest';
import { z } from 'zod';
import { openPostgresDocumentStore } from './postgres/documents/open-postgres-document-store.ts';
import { openPostgresRelationalStore } from './postgres/relational/open-postgres-relational-store.ts';
import { openSqliteDocumentStore } from './sqlite/documents/open-sqlite-document-store.ts';
import { openSqliteRelationalStore } from './sqlite/relational/open-sqlite-relational-store.ts';

type Members = Readonly<Record<string, unknown>>;

const DATA_SETS = 100;
const QUERIES_PER_SET = 40;

// Few names and few values, so that filters and data meet; numbers that are hard to read from text.
const number = fc.oneof(
  { arbitrary: fc.constantFrom(0, -0, 1, 2, -1.5, 0.1, 0.30000000000000004, 1 / 3), weight: 4 },
  fc.constantFrom(1e21, -1e21, 5e-324, 2.2250738585072014e-308, Number.MAX_VALUE, 2 ** 53 - 1, 123456789.125),
);
const text = fc.constantFrom('', 'a', 'ab', 'b', '1', 'true', '\uffff', '\u{1f600}', '\u{10ffff}a', 'a"\\\n\u0001');
const json = fc.oneof(
  { arbitrary: number, weight: 4 },
  { arbitrary: text, weight: 4 },
  fc.boolean(),
  fc.constant(null),
);
const date = fc.constantFrom(0, 1, -1, Date.UTC(2026, 0, 1)).map((time) => new Date(time));
const scalar = fc.oneof({ arbitrary: json, weight: 6 }, date);
const list = <T>(element: fc.Arbitrary<T>) => fc.array(element, { maxLength: 3 });
const object = <T>(member: fc.Arbitrary<T>) =>
  fc.dictionary(fc.constantFrom('a', 'b', '0'), member, { maxKeys: 2, noNullPrototype: true });
const value = fc.oneof(
  { arbitrary: json, weight: 5 },
  list(json),
  { arbitrary: object(fc.oneof(json, list(json), object(json))), weight: 2 },
  { arbitrary: list(fc.oneof(json, object(json), list(json))), weight: 2 },
);
const toMembers = ([name, member]: readonly [string, unknown]): Members => ({ [name]: member });

/** Filters of every operator on some members, and on paths into those that are `nested`. */
function createFilters(members: readonly string[], nested: readonly string[]): fc.Arbitrary<Members> {
  const ends = ['.a', '.a', '.b', '.b', '.0', '.a.b', '.0.a'];
  const paths = nested.flatMap((member) => ends.map((end) => member + end));
  const path = fc.oneof(fc.constantFrom(...members), fc.constantFrom(...(paths.length === 0 ? members : paths)));
  const operand = fc.oneof(
    { arbitrary: scalar, weight: 8 },
    list(scalar),
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
      fc.tuple(fc.constantFrom('a', 'b'), operand).map((condition) => ({ $elemMatch: toMembers(condition) })),
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
  readonly limit: number;
  readonly skip: number;
}

function createQueries(members: readonly string[], nested: readonly string[]): fc.Arbitrary<Query[]> {
  const paths = [...members, ...nested.map((member) => `${member}.a`)];
  const key = fc.record({
    path: fc.constantFrom(...paths),
    direction: fc.constantFrom('asc' as const, 'desc' as const),
  });
  const query = fc.record({
    filter: createFilters(members, nested),
    orderBy: fc.array(key, { maxLength: 3 }),
    limit: fc.constantFrom(1, 2, 5, 1_000),
    skip: fc.constantFrom(0, 0, 1, 3),
  });
  return fc.array(query, { minLength: QUERIES_PER_SET, maxLength: QUERIES_PER_SET });
}

/** Checks as the stores will do, so that the type may say so. */
function isFilter<E>(input: Members): input is Members & Filter<E> {
  parseFilter(input);
  return true;
}

function readParameters(name: string): { numRuns: number; seed: number; endOnFailure: boolean } {
  const seed = Number(process.env['SORCHA_TEST_SEED'] ?? Date.now() % 2 ** 31);
  process.stderr.write(`${name}: SORCHA_TEST_SEED=${seed}\n`);
  return { numRuns: DATA_SETS, seed, endOnFailure: true };
}

const note = defineDocument({
  name: 'note',
  schema: z.looseObject({ id: z.string() }),
  key: 'id',
  indexes: ['a', 'b', 'a.b', 'b.a'],
});
type Note = ReturnType<typeof note.parse>;

const item = defineEntity({
  name: 'item',
  schema: z.object({
    id: z.string(),
    text: z.string().optional(),
    double: z.number().nullable(),
    whole: z.int().optional(),
    flag: z.boolean().optional(),
    time: z.date().nullable(),
    any: z.unknown(),
    list: z.array(z.unknown()).nullable(),
  }),
  key: 'id',
  indexes: [['text'], ['double'], ['time', 'whole']],
});
const counter = defineEntity({
  name: 'counter',
  schema: z.object({ key: z.int(), text: z.string().nullable(), flag: z.boolean() }),
  key: 'key',
  indexes: [['text']],
});

/** A database for one test, and how its stores are opened. */
interface Provider {
  readonly name: string;
  readonly openDocuments: () => Promise<DocumentStore<Note>>;
  readonly openEntities: () => Promise<RelationalStore>;
}

const createFile = async () => join(await createTemporaryFolder(onTestFinished), 'warm.sqlite');
const createDatabase = async () => (await startPostgres({ onEnd: onTestFinished })).createDatabase();
const entities = [item, counter];
const providers: readonly Provider[] = [
  {
    name: 'SQLite',
    openDocuments: async () => openSqliteDocumentStore({ file: await createFile(), definition: note }),
    openEntities: async () => openSqliteRelationalStore({ file: await createFile(), entities }),
  },
  {
    name: 'PostgreSQL',
    openDocuments: async () => openPostgresDocumentStore({ url: await createDatabase(), definition: note }),
    openEntities: async () => openPostgresRelationalStore({ url: await createDatabase(), entities }),
  },
];

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

/** Asks both stores the same; says how much was found. */
async function compareDocuments(
  memory: DocumentStore<Note>,
  other: DocumentStore<Note>,
  query: Query,
): Promise<number> {
  const { filter, ...options } = query;
  if (!isFilter<Note>(filter)) {
    return 0;
  }
  const ask = async (store: DocumentStore<Note>) => ({
    items: await store.find(filter, options),
    count: await store.count(filter),
  });
  const expected = await orCode(ask(memory));
  expect({ query, ...(await orCode(ask(other))) }).toEqual({ query, ...expected });
  return expected.count;
}

async function compareEntities<E extends object>(
  memory: Repository<E>,
  other: Repository<E>,
  query: Query,
): Promise<number> {
  const { filter, orderBy, limit, skip } = query;
  if (!isFilter<E>(filter)) {
    return 0;
  }
  const ask = async (rows: Repository<E>) => ({
    items: await rows.find(filter, { orderBy, limit }),
    page: await rows.page({ filter, orderBy, page: skip + 1, pageSize: limit }),
    scanned: await Array.fromAsync(rows.scan(filter)),
    count: await rows.count(filter),
  });
  const expected = await orCode(ask(memory));
  expect({ query, ...(await orCode(ask(other))) }).toEqual({ query, ...expected });
  return expected.count;
}

describe.each(providers)('$name answers as memory does', { timeout: 300_000 }, (provider) => {
  const { name, openDocuments, openEntities } = provider;
  test(`on documents, ${DATA_SETS * QUERIES_PER_SET} of them`, async () => {
    const store = await openDocuments();
    onTestFinished(async () => store.close());
    const content = fc.record({ a: value, b: value }, { requiredKeys: [] });
    const documents = fc
      .array(content, { minLength: 5, maxLength: 30 })
      .map((contents) => contents.map((members, index) => ({ ...members, id: `${index % 7} ${index}` })));
    let matches = 0;
    await fc.assert(
      fc.asyncProperty(
        documents,
        createQueries(['a', 'b', 'id', 'none'], ['a', 'b', 'none']),
        async (data, queries) => {
          const memory = createMemoryDocumentStore({ definition: note });
          await store.deleteMany({});
          await Promise.all([store.insertMany(data), memory.insertMany(data)]);
          for (const query of queries) {
            matches += await compareDocuments(memory, store, query);
          }
          const { filter } = queries[0] ?? { filter: {} };
          if (isFilter<Note>(filter)) {
            expect(await orCode(store.deleteMany(filter))).toEqual(await orCode(memory.deleteMany(filter)));
            expect(await store.find({})).toEqual(await memory.find({}));
          }
        },
      ),
      readParameters(`documents on ${name}`),
    );
    expect(matches).toBeGreaterThan(DATA_SETS * QUERIES_PER_SET);
  });

  test(`on entities, ${2 * DATA_SETS * QUERIES_PER_SET} of them`, async () => {
    const store = await openEntities();
    onTestFinished(async () => store.close());
    const optional = <T>(cell: fc.Arbitrary<T>) => fc.option(cell, { nil: undefined });
    const items = fc.array(
      fc.record({
        text: optional(text),
        double: fc.option(number, { nil: null }),
        whole: optional(fc.constantFrom(0, 1, -3, 2 ** 53 - 1)),
        flag: optional(fc.boolean()),
        time: fc.option(date, { nil: null }),
        any: optional(value),
        list: fc.option(list(value), { nil: null }),
      }),
      { minLength: 5, maxLength: 30 },
    );
    const members = ['id', 'text', 'double', 'whole', 'flag', 'time', 'any', 'list'];
    const texts = fc.array(fc.option(text, { nil: null }), { minLength: 5, maxLength: 30 });
    let matches = 0;
    await fc.assert(
      fc.asyncProperty(
        items,
        createQueries(members, ['any', 'list']),
        texts,
        createQueries(['key', 'text', 'flag'], []),
        async (contents, queries, cells, counterQueries) => {
          const memory = createMemoryRelationalStore({ entities: [item, counter] });
          for (const one of [memory, store]) {
            await empty(one.repository(item), ({ id }) => id);
            await empty(one.repository(counter), ({ key }) => key);
            await one
              .repository(item)
              .addMany(contents.map((content, index) => ({ ...content, id: `${index % 7} ${index}` })));
            await one
              .repository(counter)
              .addMany(cells.map((cell, key) => ({ key: key - 9, text: cell, flag: key % 3 === 0 })));
          }
          for (const query of queries) {
            matches += await compareEntities(memory.repository(item), store.repository(item), query);
          }
          for (const query of counterQueries) {
            matches += await compareEntities(memory.repository(counter), store.repository(counter), query);
          }
        },
      ),
      readParameters(`entities on ${name}`),
    );
    expect(matches).toBeGreaterThan(DATA_SETS * QUERIES_PER_SET);
  });

  test('any number is found by itself and by its order, through an index that reads it from text', async () => {
    const store = await openDocuments();
    onTestFinished(async () => store.close());
    const finite = fc.double({ noNaN: true, noDefaultInfinity: true });
    const numbers = fc.uniqueArray(fc.oneof(finite, fc.maxSafeInteger()), {
      minLength: 30,
      maxLength: 30,
      comparator: 'SameValueZero',
    });
    await fc.assert(
      fc.asyncProperty(numbers, async (values) => {
        const memory = createMemoryDocumentStore({ definition: note });
        const data = values.map((a, index) => ({ id: `${index}`, a }));
        await store.deleteMany({});
        await Promise.all([store.insertMany(data), memory.insertMany(data)]);
        for (const a of values) {
          for (const filter of [{ a }, { a: { $gt: a } }, { a: { $gte: a } }, { a: { $lt: a } }, { a: { $lte: a } }]) {
            expect(await store.find(filter)).toEqual(await memory.find(filter));
          }
        }
      }),
      { ...readParameters(`numbers on ${name}`), numRuns: 50 },
    );
  });
});

async function empty<E extends object>(rows: Repository<E>, idOf: (entity: E) => string | number): Promise<void> {
  for (const entity of await rows.find({})) {
    await rows.delete(idOf(entity));
  }
}
