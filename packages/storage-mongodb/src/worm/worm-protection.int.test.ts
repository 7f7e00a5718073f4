import assert from 'node:assert/strict';
import { defineWorm, StorageError, type WormStore } from '@sorcha/storage';
import { startMongo } from '@sorcha/test-servers';
import { Binary, type Collection, type Db, type Document, MongoClient } from 'mongodb';
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import { z } from 'zod';
import { createMongoUser } from '../testing/create-mongo-user.ts';
import { openMongoWormStore } from './open-mongo-worm-store.ts';
import { type StoredRecord, toWormName } from './worm-collection.ts';
import { wormRoleDefinition } from './worm-role-definition.ts';

const event = defineWorm({ name: 'event', schema: z.object({ n: z.number() }) });
const NAME = toWormName(event.name);

const ends: (() => Promise<void>)[] = [];
let server: Awaited<ReturnType<typeof startMongo>>;
beforeAll(async () => {
  server = await startMongo({ onEnd: (end) => ends.push(end) });
});
afterAll(async () => {
  for (const end of ends) {
    await end();
  }
});

async function connect(url: string, auth?: { username: string; password: string }): Promise<Db> {
  const client = await new MongoClient(url, auth === undefined ? {} : { auth }).connect();
  onTestFinished(async () => client.close());
  return client.db();
}

/** A database with a stream of two records; `actions` is what the user of the store may do besides its role. */
async function createDatabase(actions: readonly string[] = []) {
  const adminUrl = await server.createDatabase();
  const database = new URL(adminUrl).pathname.slice(1);
  const first = await openMongoWormStore({ url: adminUrl, definition: event });
  await first.appendBatch('a', 0, [{ n: 0 }, { n: 1 }]);
  await first.close();
  const role: Document = wormRoleDefinition({ database, name: event.name });
  const more = {
    createRole: 'more',
    roles: [],
    privileges: [{ resource: { db: database, collection: NAME }, actions }],
  };
  const user = await createMongoUser(adminUrl, actions.length === 0 ? [role] : [role, more]);
  return { adminUrl, user, admin: await connect(adminUrl), db: await connect(user.url, user) };
}

async function open(options: { url: string; username?: string; password?: string }): Promise<WormStore<{ n: number }>> {
  const store = await openMongoWormStore({ ...options, definition: event });
  onTestFinished(async () => store.close());
  return store;
}

const attacks: Readonly<Record<string, (collection: Collection, db: Db) => Promise<unknown>>> = {
  updateOne: async (collection) => collection.updateOne({ sequence: 0 }, { $set: { sealedAt: 1 } }),
  updateMany: async (collection) => collection.updateMany({}, { $set: { sealedAt: 1 } }),
  'an upsert': async (collection) => collection.updateOne({ sequence: 9 }, { $set: { sealedAt: 1 } }, { upsert: true }),
  replaceOne: async (collection) => collection.replaceOne({ sequence: 0 }, { stream: 'a', sequence: 0 }),
  findOneAndUpdate: async (collection) => collection.findOneAndUpdate({ sequence: 0 }, { $set: { sealedAt: 1 } }),
  findOneAndDelete: async (collection) => collection.findOneAndDelete({ sequence: 0 }),
  deleteOne: async (collection) => collection.deleteOne({ sequence: 0 }),
  deleteMany: async (collection) => collection.deleteMany({}),
  drop: async (_, db) => db.command({ drop: NAME }),
  dropDatabase: async (_, db) => db.command({ dropDatabase: 1 }),
  rename: async (_, db) =>
    db.client.db('admin').command({ renameCollection: `${db.databaseName}.${NAME}`, to: `${db.databaseName}.other` }),
  'dropping the index': async (_, db) => db.command({ dropIndexes: NAME, index: 'stream_sequence' }),
  'removing the validator': async (_, db) => db.command({ collMod: NAME, validator: {} }),
  'an insert past the validator': async (collection) =>
    collection.insertOne({ stream: 'a', sequence: 2 }, { bypassDocumentValidation: true }),
  '$out over it': async (collection) => collection.aggregate([{ $limit: 0 }, { $out: NAME }]).toArray(),
  '$merge into it': async (collection) =>
    collection.aggregate([{ $set: { sealedAt: 1 } }, { $merge: { into: NAME, whenMatched: 'replace' } }]).toArray(),
  'giving itself a role': async (_, db) => db.command({ grantRolesToUser: 'someone', roles: ['dbOwner'] }),
};

describe('with the role of the store MongoDB itself keeps the records', () => {
  test.each(Object.entries(attacks))('%s is refused, and changes nothing', async (_, attack) => {
    const { user, admin, db } = await createDatabase();
    const before = await admin.collection(NAME).find().sort({ sequence: 1 }).toArray();
    await expect(attack(db.collection(NAME), db)).rejects.toMatchObject({ code: 13 });
    expect(await admin.collection(NAME).find().sort({ sequence: 1 }).toArray()).toEqual(before);
    const store = await open(user);
    expect(await store.verifyIntegrity('a')).toEqual({ checked: 2, damaged: [], missing: [] });
    await store.append('a', 2, { n: 2 });
  });

  test('health says so, and that the records are kept by the database', async () => {
    const { user, admin } = await createDatabase();
    const store = await open(user);
    expect(await store.health()).toMatchObject({ status: 'pass', enforcement: 'database' });
    expect(await admin.collection(NAME).countDocuments()).toBe(2);
  });

  test('an insert that is no record, or at a place that is taken, is refused', async () => {
    const { db } = await createDatabase();
    const record = { _id: 'a/2', stream: 'a', sequence: 2, bytes: new Binary(), sha256: '0'.repeat(64), sealedAt: 0 };
    const insert = async (members: Document) => db.collection<StoredRecord>(NAME).insertOne({ ...record, ...members });
    await expect(insert({ bytes: 'a text' })).rejects.toMatchObject({ code: 121 });
    await expect(insert({ sequence: '2' })).rejects.toMatchObject({ code: 121 });
    await expect(insert({ sequence: -1 })).rejects.toMatchObject({ code: 121 });
    await expect(insert({ sha256: 'short' })).rejects.toMatchObject({ code: 121 });
    await expect(insert({ _id: 'a/0' })).rejects.toMatchObject({ code: 11_000 });
    await expect(insert({ sequence: 1 })).rejects.toMatchObject({ code: 11_000 });
    await insert({});
  });
});

describe('health tells what a user may do that it should not', () => {
  test.each([
    'update',
    'remove',
    'bypassDocumentValidation',
    'changePassword',
    'dropCollection',
    'collMod',
    'dropIndex',
  ])('the right %s', async (right) => {
    const { user, admin } = await createDatabase([right]);
    const before = await admin.collection(NAME).find().sort({ sequence: 1 }).toArray();
    const health = await (await open(user)).health();
    expect(health).toMatchObject({ status: 'warn', enforcement: 'process' });
    expect(health.detail).toContain(`rights ${right}:`);
    expect(await admin.collection(NAME).find().sort({ sequence: 1 }).toArray()).toEqual(before);
  });

  test('all of the rights of an administrator', async () => {
    const { adminUrl } = await createDatabase();
    const health = await (await open({ url: adminUrl })).health();
    expect(health).toMatchObject({ status: 'warn', enforcement: 'process' });
    expect(health.detail).toMatch(/anyAction.*bypassDocumentValidation.*remove.*update/);
  });

  test('a validator that somebody removed while the store is open', async () => {
    const { user, admin } = await createDatabase();
    const store = await open(user);
    await admin.command({ collMod: NAME, validator: {} });
    const health = await store.health();
    expect(health).toMatchObject({ status: 'warn', enforcement: 'process' });
    expect(health.detail).toContain('validator');
  });
});

describe('a collection that is not as it was made', () => {
  const changes: Readonly<Record<string, (db: Db) => Promise<unknown>>> = {
    'without its validator': async (db) => db.command({ collMod: NAME, validator: {} }),
    'with a validator that only warns': async (db) => db.command({ collMod: NAME, validationAction: 'warn' }),
    'without its index': async (db) => db.command({ dropIndexes: NAME, index: 'stream_sequence' }),
    'that is gone': async (db) => db.command({ drop: NAME }),
  };

  test.each(Object.entries(changes))(
    '%s is refused to the user of the store, and put right by an administrator',
    async (_, change) => {
      const { adminUrl, user, admin } = await createDatabase();
      await change(admin);
      const refused = await openMongoWormStore({ ...user, definition: event }).then(
        async (store) => store.close(),
        (error: unknown) => error,
      );
      expect(refused).toBeInstanceOf(StorageError);
      expect(refused).toMatchObject({ code: 'INCOMPATIBLE_SERVER' });
      await open({ url: adminUrl });
      expect(await (await open(user)).health()).toMatchObject({ status: 'pass', enforcement: 'database' });
    },
  );

  test('that is a view is refused to everybody', async () => {
    const adminUrl = await server.createDatabase();
    const admin = await connect(adminUrl);
    await admin.createCollection('other');
    await admin.command({ create: NAME, viewOn: 'other', pipeline: [] });
    await expect(open({ url: adminUrl })).rejects.toMatchObject({ code: 'INCOMPATIBLE_SERVER' });
  });
});

test('a record whose place is none that a writer gives hides no other', async () => {
  const { user, admin } = await createDatabase();
  const store = await open(user);
  const records = admin.collection<StoredRecord>(NAME);
  const first = await records.findOne({ sequence: 0 });
  assert(first !== null);
  const stray = { ...first, _id: 'a/0.5', sequence: 0.5 };
  await records.insertOne(stray, { bypassDocumentValidation: true });
  const read = await Array.fromAsync(store.range('a', 0, 10));
  expect(read.map(({ sequence }) => sequence)).toEqual([0, 1]);
  expect(await store.count('a')).toBe(3);
  expect(await store.height('a')).toBe(1);
  await store.append('a', 2, { n: 2 });
  await records.insertOne({ ...stray, _id: 'a/9.5', sequence: 9.5 }, { bypassDocumentValidation: true });
  await expect(store.height('a')).rejects.toMatchObject({ code: 'CORRUPTED' });
});
