import { type DocumentDefinition, type DocumentStore, defineDocument, type JsonValue } from '@sorcha/storage';
import { startMongo } from '@sorcha/test-servers';
import { type Db, MongoClient } from 'mongodb';
import { afterAll, beforeAll, beforeEach, describe, expect, onTestFinished, test } from 'vitest';
import { z } from 'zod';
import { createMongoUser } from '../testing/create-mongo-user.ts';
import { openMongoDocumentStore } from './open-mongo-document-store.ts';

interface Note {
  readonly id: string;
  readonly [member: string]: unknown;
}

const define = (options: { indexes?: string[]; unique?: string[] } = {}): DocumentDefinition<Note> =>
  defineDocument({ name: 'note', schema: z.looseObject({ id: z.string() }), key: 'id', ...options });

const ends: (() => Promise<void>)[] = [];
let server: Awaited<ReturnType<typeof startMongo>>;
let url: string;
let db: Db;
beforeAll(async () => {
  server = await startMongo({ onEnd: (end) => ends.push(end) });
});
beforeEach(async () => {
  url = await server.createDatabase();
  const client = await new MongoClient(url).connect();
  db = client.db();
  onTestFinished(async () => client.close());
});
afterAll(async () => {
  for (const end of ends) {
    await end();
  }
});

async function open(definition = define()): Promise<DocumentStore<Note>> {
  const store = await openMongoDocumentStore({ url, definition });
  onTestFinished(async () => store.close());
  return store;
}

interface Raw {
  readonly _id: string;
  readonly [member: string]: unknown;
}

describe('documents', () => {
  test('are kept so that other programs can search them', async () => {
    const store = await open(define({ unique: ['owner.email'] }));
    await store.insert({ id: 'a', owner: { email: 'x', ages: [1, 2] } });
    expect(await db.collection<Raw>('document_note').findOne({ 'doc.owner.ages': 2 })).toEqual({
      _id: 'a',
      version: 1,
      doc: { id: 'a', owner: { email: 'x', ages: [1, 2] } },
      unique: { 'owner:email': 'x' },
    });
  });

  test('with names that MongoDB takes for something else come back with them', async () => {
    const store = await open();
    const hostile: JsonValue = {
      $where: 'sleep(1000)',
      'a.b': { '': [{ $ref: 'x', $id: 1 }] },
      _bsontype: 'Code',
      code: 'function () {}',
      '%24': 1,
      toBSON: 'x',
    };
    const stored = await store.insert({ id: 'a', hostile, $set: 1 });
    expect(stored).toEqual({ id: 'a', hostile, $set: 1, version: 1 });
    expect(await store.get('a')).toEqual(stored);
    expect(await store.find({ 'hostile._bsontype': 'Code' })).toEqual([stored]);
    expect(await store.find({ 'hostile.%24': 1 })).toEqual([stored]);
    expect(await store.count({ hostile: { $exists: true } })).toBe(1);
    expect(await store.upsert({ id: 'a', plain: 1 })).toEqual({ id: 'a', plain: 1, version: 2 });
    expect(await store.get('a')).toEqual({ id: 'a', plain: 1, version: 2 });
    const again = await store.upsert({ id: 'a', 'x.y': 1 });
    expect(await store.get('a')).toEqual(again);
    expect(await store.replace({ id: 'a', plain: 2, version: 3 })).toMatchObject({ version: 4 });
    expect(await store.get('a')).toEqual({ id: 'a', plain: 2, version: 4 });
  });

  test('nested as deep as they may be are found and changed', async () => {
    const store = await open();
    let deep: unknown = 'x';
    for (let level = 0; level < 99; level += 1) {
      deep = level % 2 === 0 ? { d: deep } : [deep];
    }
    const stored = await store.insert({ id: 'a', deep });
    expect(await store.replace(stored)).toEqual({ ...stored, version: 2 });
    expect(await store.find({ 'deep.d': { $exists: true } })).toEqual([{ ...stored, version: 2 }]);
  });

  test('that are too large are INVALID, whichever way they are written, and nothing is', async () => {
    const store = await open();
    const stored = await store.insert({ id: 'a' });
    const large = 'x'.repeat(17 * 1024 * 1024);
    await expect(store.insert({ id: 'b', large })).rejects.toMatchObject({ code: 'INVALID' });
    await expect(store.insertMany([{ id: 'b' }, { id: 'c', large }])).rejects.toMatchObject({ code: 'INVALID' });
    await expect(store.upsert({ id: 'a', large })).rejects.toMatchObject({ code: 'INVALID' });
    await expect(store.replace({ ...stored, large })).rejects.toMatchObject({ code: 'INVALID' });
    expect(await store.find({})).toEqual([stored]);
    const largest = 'x'.repeat(15 * 1024 * 1024);
    expect(
      await store.insertMany([
        { id: 'b', largest },
        { id: 'c', largest },
        { id: 'd', largest },
      ]),
    ).toHaveLength(3);
    expect((await store.get('d'))?.['largest']).toBe(largest);
  });

  test('of another program that are none are CORRUPTED, and hide no other', async () => {
    const store = await open();
    const stored = await store.insert({ id: 'a' });
    await db.collection<Raw>('document_note').insertMany([
      { _id: 'b', version: 1 },
      { _id: 'c', doc: { id: 'c' } },
      { _id: 'd', version: 'one', doc: { id: 'd' } },
    ]);
    await expect(store.get('b')).rejects.toMatchObject({ code: 'CORRUPTED' });
    await expect(store.get('c')).rejects.toMatchObject({ code: 'CORRUPTED' });
    await expect(store.upsert({ id: 'd' })).rejects.toMatchObject({ code: 'CORRUPTED' });
    await expect(store.find({})).rejects.toMatchObject({ code: 'CORRUPTED' });
    expect(await store.get('a')).toEqual(stored);
    expect(await store.find({ id: 'a' })).toEqual([stored]);
  });

  test('with the longest keys and values at indexed and unique paths are kept and found', async () => {
    const store = await open(define({ indexes: ['a'], unique: ['code'] }));
    const [id, long] = ['\u{10ffff}'.repeat(127), '\u{10ffff}'.repeat(25_000)];
    const stored = await store.insert({ id, a: long, code: long });
    expect(await store.get(id)).toEqual(stored);
    expect(await store.find({ a: long })).toEqual([stored]);
    expect(await store.find({ code: { $startsWith: long.slice(0, 20_000) } })).toEqual([stored]);
    await expect(store.insert({ id: 'b', code: long })).rejects.toMatchObject({ code: 'ALREADY_EXISTS' });
    await store.insert({ id: 'b', code: `${long}x` });
  });
});

describe('a collection that is there', () => {
  test('takes new indexes, and keeps those that are no longer declared', async () => {
    await (await open(define({ indexes: ['a'] }))).insert({ id: 'x', a: 1, b: 2 });
    const store = await open(define({ indexes: ['b'] }));
    expect(await store.find({ b: 2 })).toHaveLength(1);
    const names = (await db.collection('document_note').listIndexes().toArray()).map(({ name }): unknown => name);
    expect(new Set(names)).toEqual(new Set(['_id_', 'path:a', 'path:b']));
  });

  test('with other unique paths is refused once it has documents', async () => {
    const first = await open(define({ unique: ['a'] }));
    await open(define({ unique: ['a'] }));
    await first.insert({ id: 'x', a: 1 });
    for (const unique of [[], ['b'], ['a', 'b']]) {
      await expect(open(define({ unique }))).rejects.toMatchObject({ code: 'INCOMPATIBLE_SERVER' });
    }
  });

  test('with another key is refused once it has documents', async () => {
    await (await open()).insert({ id: 'x', other: 'y' });
    const definition = defineDocument({ name: 'note', schema: z.looseObject({ other: z.string() }), key: 'other' });
    await expect(openMongoDocumentStore({ url, definition })).rejects.toMatchObject({ code: 'INCOMPATIBLE_SERVER' });
  });

  test('whose index another program changed is refused', async () => {
    await open(define({ unique: ['a'] }));
    await db.collection('document_note').dropIndex('unique:a');
    await db.collection('document_note').createIndex({ 'unique.a': 1 }, { name: 'unique:a' });
    await expect(open(define({ unique: ['a'] }))).rejects.toMatchObject({ code: 'INCOMPATIBLE_SERVER' });
  });

  test('that is a view is refused', async () => {
    await db.createCollection('elsewhere');
    await db.command({ create: 'document_note', viewOn: 'elsewhere', pipeline: [] });
    await expect(open()).rejects.toMatchObject({ code: 'INCOMPATIBLE_SERVER' });
  });

  test('is opened by several at once, which make it together', async () => {
    const definition = define({ indexes: ['a', 'b'], unique: ['c'] });
    const stores = await Promise.all(Array.from({ length: 5 }, async () => open(definition)));
    const inserted = await Promise.allSettled(stores.map(async (store) => store.insert({ id: 'x', c: 1 })));
    expect(inserted.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
  });
});

test('a user who may read and write but not create opens what is there', async () => {
  const definition = define({ indexes: ['a'], unique: ['b'] });
  await (await open(definition)).close();
  const actions = ['find', 'insert', 'update', 'remove', 'listIndexes'];
  const privileges = [
    { resource: { db: db.databaseName, collection: 'document_note' }, actions },
    { resource: { db: db.databaseName, collection: '' }, actions: ['listCollections'] },
  ];
  const user = await createMongoUser(url, [{ createRole: 'writer', privileges, roles: [] }]);
  const store = await openMongoDocumentStore({ ...user, definition });
  onTestFinished(async () => store.close());
  await store.upsert({ id: 'x', a: 1, b: 2 });
  expect(await store.health()).toMatchObject({ status: 'pass' });
  const more = define({ indexes: ['a', 'c'], unique: ['b'] });
  await expect(openMongoDocumentStore({ ...user, definition: more })).rejects.toMatchObject({ code: 'UNAVAILABLE' });
});

test('more indexes than MongoDB has are INVALID', async () => {
  const indexes = Array.from({ length: 64 }, (_, index) => `p${index}`);
  await expect(open(define({ indexes }))).rejects.toMatchObject({ code: 'INVALID' });
});
