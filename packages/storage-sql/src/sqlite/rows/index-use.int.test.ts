import { join } from 'node:path';
import { defineDocument, defineEntity, type Filter } from '@sorcha/storage';
import { createTemporaryFolder } from '@sorcha/storage/testing';
import { sql } from 'kysely';
import { expect, onTestFinished, test } from 'vitest';
import { z } from 'zod';
import { toRowFilter } from '../../rows/to-search.ts';
import { createDocumentSource, describeDocumentTable } from '../documents/document-table.ts';
import { openDatabase } from '../open-database.ts';
import { createEntitySource, describeEntityTable } from '../relational/entity-table.ts';
import { prepareTables } from '../schema/prepare-tables.ts';
import { type RowSource, selectRows, withCondition } from './search-rows.ts';
import type { CellTables } from './session.ts';

const part = defineEntity({
  name: 'part',
  schema: z.object({
    id: z.string(),
    code: z.string().optional(),
    size: z.number(),
    made: z.date().nullable(),
    other: z.int(),
    any: z.unknown(),
  }),
  key: 'id',
  indexes: [['size'], ['made', 'other']],
  unique: [['code']],
});
const note = defineDocument({
  name: 'note',
  schema: z.looseObject({ id: z.string() }),
  key: 'id',
  indexes: ['status', 'owner.country'],
  unique: ['code'],
});

/** How SQLite means to find the rows of a filter, in the order of the key unless only their number is asked for. */
async function explain<E>(source: RowSource<E>, filter: Filter<E>, asks: 'rows' | 'number' = 'rows'): Promise<string> {
  const file = join(await createTemporaryFolder(onTestFinished), 'warm.sqlite');
  const database = await openDatabase<CellTables>({ file });
  onTestFinished(async () => database.close());
  await prepareTables(database, [describeEntityTable(part), describeDocumentTable(note)]);
  return database.read(async (db) =>
    withCondition({ db, match: database.match }, toRowFilter(source, filter), async (condition) => {
      const query = selectRows(db, source, condition);
      const asked = asks === 'number' ? query : query.orderBy(source.key.column).limit(10);
      const rows = await asked.explain<{ detail: string }>(undefined, sql`query plan`);
      return rows.map(({ detail }) => detail).join('; ');
    }),
  );
}

test.each<[Filter<ReturnType<typeof part.parse>>, string]>([
  [{ id: 'a' }, 'sqlite_autoindex_entity_part_1 (id=?)'],
  [{ id: { $in: ['a', 'b'] } }, 'sqlite_autoindex_entity_part_1 (id=?)'],
  [{ id: { $startsWith: 'a' } }, 'sqlite_autoindex_entity_part_1 (id>? AND id<?)'],
  [{ code: 'x' }, 'unique:entity_part.code (code=?)'],
  [{ size: 1 }, 'entity_part.size (size=?)'],
  [{ size: { $gt: 1, $lte: 5 } }, 'entity_part.size (size>? AND size<?)'],
  [{ size: { $in: [1, 2] } }, 'entity_part.size (size=?)'],
  [{ made: new Date(0), other: { $lt: 5 } }, 'entity_part.made.other (made=? AND other<?)'],
  [{ $and: [{ size: 1 }, { any: 'left to the evaluator' }] }, 'entity_part.size (size=?)'],
  [{ $or: [{ size: 1 }, { code: 'x' }] }, 'entity_part.size (size=?)'],
])('entities: %j uses an index', async (filter, index) => {
  const plan = await explain(createEntitySource(part), filter);
  expect(plan).toContain(index);
  expect(plan).not.toContain('SCAN');
});

test.each<[Filter<ReturnType<typeof note.parse>>, string]>([
  [{ id: 'a' }, 'sqlite_autoindex_document_note_1 (id=?)'],
  [{ id: { $gte: 'a' } }, 'sqlite_autoindex_document_note_1 (id>?)'],
  [{ status: 'sealed' }, 'document_note.status (<expr>=?)'],
  [{ status: null }, 'document_note.status (<expr>=?)'],
  [{ status: { $in: ['open', 1, true, 0.5] } }, 'document_note.status (<expr>=?)'],
  [{ status: { $lt: 'a' } }, 'document_note.status (<expr>>? AND <expr><?)'],
  [{ status: { $gt: 1, $lt: 5 } }, 'document_note.status (<expr>'],
  [{ status: { $startsWith: 'se' } }, 'document_note.status (<expr>>? AND <expr><?)'],
  [{ status: { $elemMatch: { $gt: 1 } } }, 'document_note.status (<expr>=?)'],
  [{ 'owner.country': 'DE', other: 1 }, 'document_note.owner.country (<expr>=?)'],
  [{ code: 'x' }, 'document_note.code (<expr>=?)'],
  [{ $or: [{ status: 'sealed' }, { 'owner.country': 'DE' }] }, 'document_note.status (<expr>=?)'],
])('documents: %j uses an index', async (filter, index) => {
  const plan = await explain(createDocumentSource(note), filter);
  expect(plan).toContain(index);
  expect(plan).not.toContain('SCAN');
});

test('ranges with one end use an index to count; for rows by key SQLite may rather read in that order', async () => {
  expect(await explain(createEntitySource(part), { code: { $gte: 'x' } }, 'number')).toContain(
    'unique:entity_part.code (code>?)',
  );
  expect(await explain(createDocumentSource(note), { status: { $gte: 'a' } }, 'number')).toContain(
    'document_note.status (<expr>>?)',
  );
});

test.each<Filter<ReturnType<typeof note.parse>>>([{ other: 1 }, { status: { $ne: 'sealed' } }, {}])(
  'documents: %j reads all of them, because no index could leave one out',
  async (filter) => {
    expect(await explain(createDocumentSource(note), filter)).toMatch(/^SCAN document_note/u);
  },
);
