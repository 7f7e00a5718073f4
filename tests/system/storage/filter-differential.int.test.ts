import { join } from 'node:path';
import { type DocumentStore, defineDocument, type Filter, parseFilter, StorageError } from '@sorcha/storage';
import { createMemoryDocumentStore } from '@sorcha/storage/memory';
import { createTemporaryFolder } from '@sorcha/storage/testing';
import { openMongoDocumentStore } from '@sorcha/storage-mongodb';
import { openPostgresDocumentStore, openSqliteDocumentStore } from '@sorcha/storage-sql';
import { startMongo, startPostgres } from '@sorcha/test-servers';
import * as fc from 'fast-check';
import { describe, expect, it, onTestFinished } from 'vitest';
import { z } from 'zod';
import { documentContent, documentFilter, type Members } from './random-filters.ts';

const DATA_SETS = 100;
const FILTERS = 100;
const DOCUMENTS = { minLength: 15, maxLength: 30 };
/** Every filter is put to every document of its set. */
const PAIRS = DATA_SETS * FILTERS * DOCUMENTS.minLength;
const AT_ONCE = 10;

const note = defineDocument({
  name: 'note',
  schema: z.looseObject({ id: z.string() }),
  key: 'id',
  indexes: ['a', 'b', 'a.b', 'b.a'],
});
type Note = ReturnType<typeof note.parse>;

/** Checks as the stores will do, so that the type may say so. */
function isFilter(input: Members): input is Members & Filter<Note> {
  parseFilter(input);
  return true;
}

/** The documents that match, or the code with which the filter was refused. */
async function ask(store: DocumentStore<Note>, filter: Members): Promise<readonly unknown[] | string> {
  try {
    return isFilter(filter) ? await store.find(filter) : [];
  } catch (error) {
    if (error instanceof StorageError) {
      return error.code;
    }
    throw error;
  }
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

describe('one filter, four providers (FR-021, SC-001)', () => {
  it(`memory, SQLite, PostgreSQL and MongoDB agree on ${PAIRS.toLocaleString('en')} and more random pairs of document and filter`, async () => {
    expect(PAIRS).toBeGreaterThanOrEqual(20_000);
    const seed = Number(process.env['SORCHA_TEST_SEED'] ?? Date.now() % 2 ** 31);
    process.stderr.write(`filters, four providers: SORCHA_TEST_SEED=${seed}\n`);
    const stores = await openStores();
    const counts = { pairs: 0, matches: 0, refused: 0 };
    const compare = async (memory: DocumentStore<Note>, data: readonly unknown[], filter: Members): Promise<void> => {
      const expected = await ask(memory, filter);
      const answers = await Promise.all(
        Object.entries(stores).map(async ([name, store]) => [name, await ask(store, filter)] as const),
      );
      counts.pairs += data.length;
      counts.matches += typeof expected === 'string' ? 0 : expected.length;
      counts.refused += Number(typeof expected === 'string');
      for (const [name, answer] of answers) {
        expect({ filter, name, answer }).toEqual({ filter, name, answer: expected });
      }
    };
    const documents = fc
      .array(documentContent, DOCUMENTS)
      .map((contents) => contents.map((members, index) => ({ ...members, id: `${index % 7} ${index}` })));
    const filters = fc.array(documentFilter, { minLength: FILTERS, maxLength: FILTERS });
    const startedAt = performance.now();
    await fc.assert(
      fc.asyncProperty(documents, filters, async (data, asked) => {
        const memory = createMemoryDocumentStore({ definition: note });
        await Promise.all(
          [memory, ...Object.values(stores)].map(async (store) => {
            await store.deleteMany({});
            await store.insertMany(data);
          }),
        );
        for (let at = 0; at < asked.length; at += AT_ONCE) {
          await Promise.all(asked.slice(at, at + AT_ONCE).map(async (filter) => compare(memory, data, filter)));
        }
      }),
      { numRuns: DATA_SETS, seed, endOnFailure: true },
    );
    const seconds = ((performance.now() - startedAt) / 1_000).toFixed(1);
    process.stderr.write(
      `filters, four providers: ${counts.pairs} pairs, ${counts.matches} matches, ${counts.refused} filters refused by all, ` +
        `no difference, ${seconds} s\n`,
    );
    expect(counts.pairs).toBeGreaterThanOrEqual(PAIRS);
    // Neither nothing nor everything matches.
    expect(counts.matches).toBeGreaterThan(PAIRS / 10);
    expect(counts.matches).toBeLessThan((PAIRS * 9) / 10);
    expect(counts.refused).toBeLessThan((DATA_SETS * FILTERS) / 4);
  });
});
