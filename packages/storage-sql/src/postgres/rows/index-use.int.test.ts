import { defineDocument, defineEntity, type Filter, type OrderBy } from '@sorcha/storage';
import { startPostgres } from '@sorcha/test-servers';
import { afterAll, describe, expect, test } from 'vitest';
import { z } from 'zod';
import { toSearch } from '../../rows/to-search.ts';
import { openRawConnection } from '../../testing/open-raw-connection.ts';
import { createDocumentSource } from '../documents/document-table.ts';
import { openPostgresDocumentStore } from '../documents/open-postgres-document-store.ts';
import { createEntitySource } from '../relational/entity-table.ts';
import { openPostgresRelationalStore } from '../relational/open-postgres-relational-store.ts';
import { createStatementCache } from '../statements/statement-cache.ts';
import type { RowSource } from './row-source.ts';
import { selectRows } from './select-rows.ts';

const part = defineEntity({
  name: 'part',
  schema: z.object({
    id: z.string(),
    code: z.string().optional(),
    name: z.string(),
    size: z.number(),
    made: z.date().nullable(),
    other: z.int(),
    any: z.unknown(),
  }),
  key: 'id',
  indexes: [['size'], ['made', 'other'], ['name']],
  unique: [['code']],
});
const note = defineDocument({
  name: 'note',
  schema: z.looseObject({ id: z.string() }),
  key: 'id',
  indexes: ['status', 'owner.country'],
  unique: ['code'],
});

const ROWS = 20_000;
const numbers = Array.from({ length: ROWS }, (_, index) => index);
const server = await startPostgres({ onEnd: afterAll });
const url = await server.createDatabase();
const parts = await openPostgresRelationalStore({ url, entities: [part] });
const notes = await openPostgresDocumentStore({ url, definition: note });
afterAll(async () => Promise.all([parts.close(), notes.close()]));
await parts.repository(part).addMany(
  numbers.map((index) => ({
    id: `id-${index}`,
    code: `code-${index}`,
    name: `name-${index % 5_000} ${'long '.repeat(50)}`,
    size: index / 4,
    made: new Date(index * 1_000),
    other: index % 7,
    any: { deep: index },
  })),
);
await notes.insertMany(
  numbers.map((index) => ({
    id: `id-${index}`,
    code: index,
    status: index % 100 === 1 ? 'sealed' : index % 50 === 7 ? [`tag-${index}`] : index,
    owner: { country: `country-${index % 200}`, name: `name-${index}` },
    other: `other-${index}`,
    list: [{ deep: { value: index } }],
  })),
);
const raw = await openRawConnection(url, afterAll);
await raw.query('vacuum analyze');

/** How PostgreSQL means to find the rows of a search. */
async function explain<E extends object>(
  source: RowSource<E>,
  filter: Filter<E>,
  options: { readonly orderBy?: readonly OrderBy[]; readonly limit?: number } = {},
): Promise<string> {
  const { filter: rowFilter, order, limit } = toSearch(source, { filter, ...options });
  if (typeof order === 'function') {
    throw new TypeError('the order is not for SQL');
  }
  const { text, values } = createStatementCache().toStatement(
    selectRows('sorcha', source, { filter: rowFilter, order: limit === undefined ? [] : order, limit }),
  );
  const { rows } = await raw.query<{ 'QUERY PLAN': string }>(`explain ${text}`, [...values]);
  return rows.map((row) => row['QUERY PLAN']).join('\n');
}

describe('entities', () => {
  const source = createEntitySource(part);
  test.each<[Filter<ReturnType<typeof part.parse>>, RegExp]>([
    [{ id: 'id-7' }, /entity_part_pkey/u],
    [{ id: { $in: ['id-7', 'id-8'] } }, /entity_part_pkey/u],
    [{ id: { $startsWith: 'id-777' } }, /entity_part_pkey/u],
    [{ code: 'code-7' }, /unique:entity_part\.code/u],
    [{ code: { $in: ['code-7', 'code-8'] } }, /unique:entity_part\.code/u],
    [{ name: `name-7 ${'long '.repeat(50)}` }, /entity_part\.name/u],
    [{ name: { $startsWith: 'name-77' } }, /entity_part\.name/u],
    [{ name: { $gte: 'name-4990', $lt: 'name-5' } }, /entity_part\.name/u],
    [{ size: 1 }, /entity_part\.size/u],
    [{ size: { $gt: 1, $lte: 5 } }, /entity_part\.size/u],
    [{ size: { $in: [1, 2] } }, /entity_part\.size/u],
    [{ made: new Date(7_000), other: { $lt: 5 } }, /entity_part\.made\.other/u],
    [{ $and: [{ size: 1 }, { any: { $elemMatch: { $gt: 1 } } }] }, /entity_part\.size/u],
    [{ $or: [{ size: 1 }, { code: 'code-7' }] }, /entity_part\.size[^]*unique:entity_part\.code/u],
  ])('%j uses an index', async (filter, index) => {
    const plan = await explain(source, filter);
    expect(plan).toMatch(index);
    expect(plan).not.toContain('Seq Scan');
  });

  test.each<[OrderBy[], RegExp]>([
    [[{ path: 'size' }], /entity_part\.size/u],
    [[{ path: 'size', direction: 'desc' }], /Backward using "entity_part\.size/u],
    [[{ path: 'made' }, { path: 'other' }], /entity_part\.made\.other/u],
    [[{ path: 'made', direction: 'desc' }], /Backward using "entity_part\.made/u],
    [[{ path: 'name' }], /entity_part\.name/u],
    [[], /entity_part_pkey/u],
  ])('the first in the order %j come from an index', async (orderBy, index) => {
    const plan = await explain(source, {}, { orderBy, limit: 10 });
    expect(plan).toMatch(index);
    expect(plan).not.toContain('Seq Scan');
  });
});

describe('documents', () => {
  const source = createDocumentSource(note);
  test.each<[Filter<ReturnType<typeof note.parse>>, RegExp]>([
    [{ id: 'id-7' }, /document_note_pkey/u],
    [{ id: { $gte: 'id-9990', $lt: 'id-9995' } }, /document_note_pkey/u],
    [{ status: null }, /document_note\.status/u],
    [{ status: { $in: [999, null, 'sealed'] } }, /document_note\.status/u],
    [{ status: { $elemMatch: { $startsWith: 'tag' } } }, /document_note\.status/u],
    [{ status: { $gt: 19_990 } }, /document_note\.status/u],
    [{ status: { $gt: 1, $lt: 5 } }, /document_note\.status/u],
    [{ 'owner.country': { $startsWith: 'country-19' } }, /document_note\.owner\.country/u],
    [{ 'owner.country': { $gte: 'country-98' } }, /document_note\.owner\.country/u],
    [{ 'owner.country': null }, /document_note\.owner\.country/u],
  ])('declared paths: %j uses an index', async (filter, index) => {
    const plan = await explain(source, filter);
    expect(plan).toMatch(index);
    expect(plan).not.toContain('Seq Scan');
  });

  test.each<[Filter<ReturnType<typeof note.parse>>, RegExp]>([
    [{ other: 'other-7' }, /document_note\.content[^]*@>/u],
    [{ status: 999 }, /document_note\.content[^]*@>/u],
    [{ 'owner.country': 'country-7' }, /document_note\.content[^]*@>/u],
    [{ code: 7 }, /document_note\.content[^]*@>/u],
    [{ 'owner.name': 'name-7' }, /document_note\.content[^]*@>/u],
    [{ owner: { name: 'name-7', country: 'country-7' } }, /document_note\.content[^]*@>/u],
    [{ 'list.deep.value': 7 }, /document_note\.content[^]*@>/u],
    [{ status: 'tag-7' }, /document_note\./u],
    [{ other: { $in: ['other-7', 'other-8'] } }, /document_note\.content[^]*@@/u],
    [{ $or: [{ other: 'other-7' }, { 'owner.name': 'name-8' }] }, /document_note\.content/u],
    [{ other: 'other-7', none: { $elemMatch: { $gt: 1 } } }, /document_note\.content/u],
  ])('any path: equality %j uses an index', async (filter, index) => {
    const plan = await explain(source, filter);
    expect(plan).toMatch(index);
    expect(plan).not.toContain('Seq Scan');
  });

  test.each<Filter<ReturnType<typeof note.parse>>>([{ status: { $ne: 'sealed' } }, {}, { 'a.0': 1 }])(
    '%j reads all of them, because no index could leave one out',
    async (filter) => {
      expect(await explain(source, filter)).toContain('Seq Scan');
    },
  );

  test('and what indexes find is what the filters mean', async () => {
    const counts = [
      { status: 999 },
      { status: 'tag-7' },
      { 'owner.country': { $startsWith: 'country-19' } },
      { 'list.deep.value': 7 },
      { status: { $gt: 19_990 } },
      { 'owner.country': null },
    ].map(async (filter) => notes.count(filter));
    expect(await Promise.all(counts)).toEqual([1, 1, 1_100, 1, 9, 0]);
  });
});

test('texts that differ only beyond what an index holds are told apart, found and kept unique', async () => {
  const store = await openPostgresRelationalStore({ url: await server.createDatabase(), entities: [part] });
  const documents = await openPostgresDocumentStore({ url: await server.createDatabase(), definition: note });
  try {
    const random = Array.from({ length: 20_000 }, (_, index) =>
      String.fromCodePoint(0x10000 + ((index * 7_919) % 50_000)),
    ).join('');
    const texts = ['a', 'b', ''].map((end) => random + end);
    const rows = texts.map((text, id) => ({
      id: `${id}`,
      code: text,
      name: text,
      size: 0,
      made: null,
      other: 0,
      any: null,
    }));
    await store.repository(part).addMany(rows);
    await expect(
      store.repository(part).add({ id: 'x', code: texts[0], name: '', size: 0, made: null, other: 0, any: null }),
    ).rejects.toMatchObject({ code: 'ALREADY_EXISTS' });
    await documents.insertMany(texts.map((text, id) => ({ id: `${id}`, code: text, status: text })));
    await expect(documents.insert({ id: 'x', code: texts[0] })).rejects.toMatchObject({ code: 'ALREADY_EXISTS' });
    for (const [id, text] of texts.entries()) {
      expect(await store.repository(part).find({ code: text, name: { $in: [text] } })).toMatchObject([{ id: `${id}` }]);
      expect(await documents.find({ code: text, status: { $gte: text, $lte: text } })).toMatchObject([{ id: `${id}` }]);
    }
    const ordered = await store.repository(part).find({}, { orderBy: [{ path: 'name', direction: 'desc' }] });
    expect(ordered.map(({ id }) => id)).toEqual(['1', '0', '2']);
    expect(await store.repository(part).count({ name: { $startsWith: random } })).toBe(3);
    expect(await documents.count({ status: { $startsWith: random } })).toBe(3);
  } finally {
    await Promise.all([store.close(), documents.close()]);
  }
});
