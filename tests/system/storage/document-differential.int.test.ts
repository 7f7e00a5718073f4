import { join } from 'node:path';
import { type DocumentStore, defineDocument } from '@sorcha/storage';
import { createMemoryDocumentStore } from '@sorcha/storage/memory';
import { chooseSeed, createTemporaryFolder } from '@sorcha/storage/testing';
import { openMongoDocumentStore } from '@sorcha/storage-mongodb';
import { openPostgresDocumentStore, openSqliteDocumentStore } from '@sorcha/storage-sql';
import { startMongo, startPostgres } from '@sorcha/test-servers';
import * as fc from 'fast-check';
import { describe, expect, it, onTestFinished } from 'vitest';
import { z } from 'zod';
import { compareAnswers, isFilter, orCode } from './compare-answers.ts';
import { createQueries, type Query, value } from './random-queries.ts';

const DATA_SETS = 40;
const QUERIES = 100;
const DOCUMENTS = { minLength: 15, maxLength: 30 };
/** Every filter is put to every document of its set. */
const PAIRS = DATA_SETS * QUERIES * DOCUMENTS.minLength;
const AT_ONCE = 10;

const note = defineDocument({
  name: 'note',
  schema: z.looseObject({ id: z.string() }),
  key: 'id',
  indexes: ['a', 'b', 'a.b', 'b.a'],
});
type Note = ReturnType<typeof note.parse>;

/** What a search finds; where that is not all that matches, also how much does. */
async function ask(
  store: DocumentStore<Note>,
  query: Query,
): Promise<{ readonly items: Note[]; readonly all: number }> {
  const { filter, limit, skip, orderBy } = query;
  if (!isFilter<Note>(filter)) {
    return { items: [], all: 0 };
  }
  const items = await store.find(filter, { skip, orderBy, ...(limit === undefined ? {} : { limit }) });
  return { items, all: limit === undefined && skip === 0 ? items.length : await store.count(filter) };
}

async function openStores(): Promise<Readonly<Record<string, DocumentStore<Note>>>> {
  const options = { onEnd: onTestFinished };
  const [postgres, mongo] = await Promise.all([startPostgres(options), startMongo(options)]);
  const stores = {
    sqlite: await openSqliteDocumentStore({
      file: join(await createTemporaryFolder(onTestFinished), 'notes.sqlite'),
      definition: note,
    }),
    postgres: await openPostgresDocumentStore({ url: await postgres.createDatabase(), definition: note }),
    mongodb: await openMongoDocumentStore({ url: await mongo.createDatabase(), definition: note }),
  };
  for (const store of Object.values(stores)) {
    onTestFinished(async () => store.close());
  }
  return stores;
}

/** Memory and all others with these documents and no others. */
async function fillStores(others: Readonly<Record<string, DocumentStore<Note>>>, data: readonly Note[]) {
  const stores = { memory: createMemoryDocumentStore({ definition: note }), ...others };
  await Promise.all(
    Object.values(stores).map(async (store) => {
      await store.deleteMany({});
      await store.insertMany(data);
    }),
  );
  return stores;
}

describe('one search, four providers (FR-021, SC-001)', () => {
  it(`memory, SQLite, PostgreSQL and MongoDB agree on ${PAIRS.toLocaleString('en')} and more random pairs of document and filter`, async () => {
    const seed = chooseSeed('searches, four providers');
    const others = await openStores();
    const counts = { pairs: 0, matches: 0, refused: 0 };
    const contents = fc.record({ a: value, b: value }, { requiredKeys: [] });
    const documents = fc
      .array(contents, DOCUMENTS)
      .map((all) => all.map((members, index) => ({ ...members, id: `${index % 7} ${index}` })));
    const queries = createQueries(QUERIES, ['a', 'b', 'id', 'none'], ['a', 'b', 'none']);
    const startedAt = performance.now();
    await fc.assert(
      fc.asyncProperty(documents, queries, async (data, asked) => {
        const stores = await fillStores(others, data);
        const compare = async (query: Query) => {
          const answer = await compareAnswers(stores, query, async (store) => ask(store, query));
          counts.pairs += data.length;
          counts.matches += 'all' in answer ? answer.all : 0;
          counts.refused += Number('code' in answer);
        };
        for (let at = 0; at < asked.length; at += AT_ONCE) {
          await Promise.all(asked.slice(at, at + AT_ONCE).map(compare));
        }
        const [query] = asked;
        if (
          query !== undefined &&
          'items' in (await orCode(ask(stores.memory, query))) &&
          isFilter<Note>(query.filter)
        ) {
          const { filter } = query;
          await compareAnswers(stores, query, async (store) => [await store.deleteMany(filter), await store.find({})]);
        }
      }),
      { numRuns: DATA_SETS, seed, endOnFailure: true },
    );
    const seconds = ((performance.now() - startedAt) / 1_000).toFixed(1);
    process.stderr.write(
      `searches, four providers: ${counts.pairs} pairs, ${counts.matches} matches, ${counts.refused} refused by all, ` +
        `no difference, ${seconds} s\n`,
    );
    expect(counts.pairs).toBeGreaterThanOrEqual(PAIRS);
    // Neither nothing nor everything matches.
    expect(counts.matches).toBeGreaterThan(PAIRS / 10);
    expect(counts.matches).toBeLessThan((PAIRS * 9) / 10);
    expect(counts.refused).toBeLessThan((DATA_SETS * QUERIES) / 4);
  });

  it('any number is found by itself and by its order, through an index that reads it from text', async () => {
    const seed = chooseSeed('numbers, four providers');
    const others = await openStores();
    const finite = fc.double({ noNaN: true, noDefaultInfinity: true });
    const numbers = fc.uniqueArray(fc.oneof(finite, fc.maxSafeInteger()), {
      minLength: 30,
      maxLength: 30,
      comparator: 'SameValueZero',
    });
    await fc.assert(
      fc.asyncProperty(numbers, async (values) => {
        const data = values.map((a, index) => ({ id: `${index}`, a }));
        const stores = await fillStores(others, data);
        for (const a of values) {
          const filters = [{ a }, { a: { $gt: a } }, { a: { $gte: a } }, { a: { $lt: a } }, { a: { $lte: a } }];
          const queries = filters.map((filter) => ({ filter, orderBy: [], limit: undefined, skip: 0 }));
          await Promise.all(
            queries.map(async (query) => compareAnswers(stores, query, async (store) => ask(store, query))),
          );
        }
      }),
      { numRuns: 30, seed, endOnFailure: true },
    );
  });
});
