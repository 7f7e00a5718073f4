import { join } from 'node:path';
import { defineEntity, type EntityDefinition, type RelationalStore, type Repository } from '@sorcha/storage';
import { createMemoryRelationalStore } from '@sorcha/storage/memory';
import { chooseSeed, createTemporaryFolder } from '@sorcha/storage/testing';
import { openPostgresRelationalStore, openSqliteRelationalStore } from '@sorcha/storage-sql';
import { startPostgres } from '@sorcha/test-servers';
import * as fc from 'fast-check';
import { describe, expect, it, onTestFinished } from 'vitest';
import { z } from 'zod';
import { compareAnswers, isFilter } from './compare-answers.ts';
import { createQueries, date, list, number, type Query, text, value } from './random-queries.ts';

const DATA_SETS = 40;
const QUERIES = 40;

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
const entities = [item, counter];

const RANGE = { minLength: 5, maxLength: 30 };
const optional = <T>(cell: fc.Arbitrary<T>) => fc.option(cell, { nil: undefined });
const nullable = <T>(cell: fc.Arbitrary<T>) => fc.option(cell, { nil: null });
const items = fc.array(
  fc.record({
    text: optional(text),
    double: nullable(number),
    whole: optional(fc.constantFrom(0, 1, -3, 2 ** 53 - 1)),
    flag: optional(fc.boolean()),
    time: nullable(date),
    any: optional(value),
    list: nullable(list(value)),
  }),
  RANGE,
);
const members = ['id', 'text', 'double', 'whole', 'flag', 'time', 'any', 'list'];

async function openStores() {
  const server = await startPostgres({ onEnd: onTestFinished });
  const file = join(await createTemporaryFolder(onTestFinished), 'warm.sqlite');
  const stores = {
    sqlite: await openSqliteRelationalStore({ file, entities }),
    postgres: await openPostgresRelationalStore({ url: await server.createDatabase(), entities }),
  };
  for (const store of Object.values(stores)) {
    onTestFinished(async () => store.close());
  }
  return stores;
}

type Stores = Readonly<Record<'memory' | 'sqlite' | 'postgres', RelationalStore>>;

function repositoriesOf<E extends object, I>(entity: EntityDefinition<E, I>, { memory, sqlite, postgres }: Stores) {
  return {
    memory: memory.repository(entity),
    sqlite: sqlite.repository(entity),
    postgres: postgres.repository(entity),
  };
}

async function ask<E extends object>(rows: Repository<E>, { filter, orderBy, limit = 1_000, skip }: Query) {
  if (!isFilter<E>(filter)) {
    return { count: 0 };
  }
  return {
    items: await rows.find(filter, { orderBy, limit }),
    page: await rows.page({ filter, orderBy, page: skip + 1, pageSize: limit }),
    scanned: await Array.fromAsync(rows.scan(filter)),
    count: await rows.count(filter),
  };
}

async function empty<E extends object>(rows: Repository<E>, idOf: (entity: E) => string | number): Promise<void> {
  for (const entity of await rows.find({})) {
    await rows.delete(idOf(entity));
  }
}

describe('one search of entities, three providers (FR-021, FR-022, SC-001)', () => {
  it(`memory, SQLite and PostgreSQL agree on ${(2 * DATA_SETS * QUERIES).toLocaleString('en')} random searches`, async () => {
    const seed = chooseSeed('entities, three providers');
    const others = await openStores();
    let matches = 0;
    const compare = async <E extends object>(
      stores: { readonly memory: Repository<E> } & Readonly<Record<string, Repository<E>>>,
      queries: readonly Query[],
    ) => {
      for (const query of queries) {
        const answer = await compareAnswers(stores, query, async (rows) => ask(rows, query));
        matches += 'count' in answer ? answer.count : 0;
      }
    };
    await fc.assert(
      fc.asyncProperty(
        items,
        createQueries(QUERIES, members, ['any', 'list']),
        fc.array(nullable(text), RANGE),
        createQueries(QUERIES, ['key', 'text', 'flag']),
        async (contents, itemQueries, cells, counterQueries) => {
          const memory = createMemoryRelationalStore({ entities });
          for (const one of [memory, ...Object.values(others)]) {
            const [itemRows, counterRows] = [one.repository(item), one.repository(counter)];
            await empty(itemRows, ({ id }) => id);
            await empty(counterRows, ({ key }) => key);
            await itemRows.addMany(contents.map((content, index) => ({ ...content, id: `${index % 7} ${index}` })));
            await counterRows.addMany(cells.map((cell, key) => ({ key: key - 9, text: cell, flag: key % 3 === 0 })));
          }
          await compare(repositoriesOf(item, { memory, ...others }), itemQueries);
          await compare(repositoriesOf(counter, { memory, ...others }), counterQueries);
        },
      ),
      { numRuns: DATA_SETS, seed, endOnFailure: true },
    );
    expect(matches).toBeGreaterThan(DATA_SETS * QUERIES);
  });
});
