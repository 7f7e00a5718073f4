import { defineDocument, type Filter } from '@sorcha/storage';
import { startMongo } from '@sorcha/test-servers';
import { MongoClient } from 'mongodb';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { z } from 'zod';
import { openMongoDocumentStore } from './open-mongo-document-store.ts';
import { documentCollection } from './prepare-documents.ts';
import { toDocumentFilter } from './search-documents.ts';

const note = defineDocument({
  name: 'note',
  schema: z.looseObject({ id: z.string() }),
  key: 'id',
  indexes: ['status', 'owner.country', 'rank'],
  unique: ['code'],
});
type NoteFilter = Filter<ReturnType<typeof note.parse>>;

const stageSchema = z.looseObject({
  stage: z.string(),
  indexName: z.string().optional(),
  get inputStage() {
    return stageSchema.optional();
  },
  get inputStages() {
    return z.array(stageSchema).optional();
  },
});
type Stage = z.output<typeof stageSchema>;

const ends: (() => Promise<void>)[] = [];
let client: MongoClient;
beforeAll(async () => {
  const server = await startMongo({ onEnd: (end) => ends.push(end) });
  const url = await server.createDatabase();
  const store = await openMongoDocumentStore({ url, definition: note });
  const countries = ['DE', 'FR', 'IE'];
  await store.insertMany(
    Array.from({ length: 3_000 }, (_, index) => ({
      id: `n${index}`,
      status: `s${index % 100}`,
      owner: { country: countries[index % 3] },
      rank: index,
      code: `c${index}`,
      other: index,
    })),
  );
  await store.close();
  client = await new MongoClient(url).connect();
  ends.unshift(async () => client.close());
});
afterAll(async () => {
  for (const end of ends) {
    await end();
  }
});

/** The stages of the plan that MongoDB chose, with the names of the indexes. */
async function explain(filter: NoteFilter, limit?: number): Promise<string[]> {
  const cursor = documentCollection(client.db(), 'note').find(toDocumentFilter(note, filter).query);
  const limited = limit === undefined ? cursor : cursor.sort({ _id: 1 }).limit(limit);
  const reply: unknown = await limited.explain('queryPlanner');
  const { queryPlanner } = z.object({ queryPlanner: z.object({ winningPlan: stageSchema }) }).parse(reply);
  return listStages(queryPlanner.winningPlan);
}

function listStages({ stage, indexName, inputStage, inputStages = [] }: Stage): string[] {
  const own = indexName === undefined ? stage : `${stage} ${indexName}`;
  return [own, ...[...(inputStage === undefined ? [] : [inputStage]), ...inputStages].flatMap(listStages)];
}

test.each<[NoteFilter, string]>([
  [{ id: 'n1' }, '_id_'],
  [{ id: { $in: ['n1', 'n2'] } }, '_id_'],
  [{ status: 's1' }, 'path:status'],
  [{ status: { $in: ['s1', 1, true] } }, 'path:status'],
  [{ rank: { $gt: 10, $lte: 15 } }, 'path:rank'],
  [{ code: { $startsWith: 'c12' } }, 'path:code'],
  [{ 'owner.country': 'DE', other: 1 }, 'path:owner.country'],
  [{ owner: { country: 'DE' } }, 'path:owner.country'],
  [{ code: 'c1' }, 'path:code'],
  [{ $and: [{ status: 's1' }, { other: { $ne: 5 } }] }, 'path:status'],
])('%j is found through an index', async (filter, index) => {
  const stages = await explain(filter);
  expect(stages).toContain(`IXSCAN ${index}`);
  expect(stages).not.toContain('COLLSCAN');
});

test('one of several conditions is found through the indexes of all of them', async () => {
  const stages = await explain({ $or: [{ status: 's1' }, { code: 'c1' }] });
  expect(stages).toEqual(expect.arrayContaining(['IXSCAN path:status', 'IXSCAN path:code']));
});

test.each<NoteFilter>([{ other: 1 }, { other: { $ne: 1 } }, {}])(
  '%j reads all, because no index is declared for it',
  async (filter) => {
    expect(await explain(filter)).not.toContainEqual(expect.stringMatching(/^IXSCAN path:/));
  },
);
