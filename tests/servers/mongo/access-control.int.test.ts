import { MongoClient } from 'mongodb';
import { describe, expect, it } from 'vitest';
import { type TestDocument, useMongo } from './open-test-client.ts';

const mongo = useMongo({ serverSelectionTimeoutMS: 20_000 });
const PASSWORD = 'pass wörd@/:';

/** A user with a role that allows so much on one collection, which has a validator. */
async function openWriter(collection: string, actions: readonly string[]) {
  const { db, openAs } = mongo();
  const role = `${collection}-writer`;
  await db.createCollection(collection, { validator: { $jsonSchema: { required: ['n'] } } });
  await db.command({
    createRole: role,
    privileges: [{ resource: { db: db.databaseName, collection }, actions }],
    roles: [],
  });
  await db.command({ createUser: role, pwd: PASSWORD, roles: [role] });
  const client = openAs(role, PASSWORD);
  return {
    client,
    db: client.db(db.databaseName),
    records: client.db(db.databaseName).collection<TestDocument>(collection),
  };
}

describe('a user who may find and insert', () => {
  it('does that, and nothing else', async () => {
    const { db, records } = await openWriter('worm', ['find', 'insert']);
    await records.insertOne({ _id: 1, n: 1 });
    expect(await records.find().toArray()).toEqual([{ _id: 1, n: 1 }]);
    expect(await records.countDocuments()).toBe(1);
    const refused: readonly (() => Promise<unknown>)[] = [
      () => records.updateOne({ _id: 1 }, { $set: { n: 2 } }),
      () => records.updateMany({}, { $set: { n: 2 } }),
      () => records.replaceOne({ _id: 1 }, { n: 2 }, { upsert: true }),
      () => records.findOneAndUpdate({ _id: 1 }, { $set: { n: 2 } }),
      () => records.findOneAndDelete({ _id: 1 }),
      () => records.deleteOne({ _id: 1 }),
      () => records.deleteMany({}),
      () => records.bulkWrite([{ deleteMany: { filter: {} } }]),
      () => records.drop(),
      () => db.dropDatabase(),
      () => records.rename('other'),
      () => db.command({ collMod: 'worm', validator: {} }),
      () => records.insertOne({ _id: 2 }, { bypassDocumentValidation: true }),
      () => records.createIndex({ n: 1 }),
      () => records.dropIndexes(),
      () => records.aggregate([{ $out: 'worm' }]).toArray(),
      () => records.aggregate([{ $merge: { into: 'worm' } }]).toArray(),
      () => records.aggregate([{ $lookup: { from: 'other', pipeline: [], as: 'x' } }]).toArray(),
      () => db.collection('other').findOne(),
      () => db.collection('other').insertOne({}),
      () => db.createCollection('third'),
      () => db.listCollections().toArray(),
      () => db.command({ createUser: 'more', pwd: 'x', roles: [] }),
      () => db.command({ grantRolesToUser: 'worm-writer', roles: ['dbOwner'] }),
      () => db.command({ updateRole: 'worm-writer', privileges: [] }),
    ];
    for (const [index, attempt] of refused.entries()) {
      await expect(attempt(), `attempt ${index}`).rejects.toMatchObject({ code: 13 });
    }
    await expect(records.insertOne({ _id: 2 })).rejects.toMatchObject({ code: 121 });
    expect(await mongo().db.collection('worm').find().toArray()).toEqual([{ _id: 1, n: 1 }]);
  });

  it('is told what it may do', async () => {
    const { db } = await openWriter('told', ['find', 'insert']);
    expect(await db.command({ connectionStatus: 1, showPrivileges: true })).toMatchObject({
      authInfo: {
        authenticatedUsers: [{ user: 'told-writer', db: db.databaseName }],
        authenticatedUserRoles: [{ role: 'told-writer', db: db.databaseName }],
        authenticatedUserPrivileges: [
          { resource: { db: db.databaseName, collection: 'told' }, actions: ['find', 'insert'] },
        ],
      },
    });
    expect(await db.listCollections({}, { nameOnly: true, authorizedCollections: true }).toArray()).toMatchObject([
      { name: 'told' },
    ]);
  });

  it('writes in transactions, and is refused in them as well', async () => {
    const { client, records } = await openWriter('inside', ['find', 'insert']);
    const session = client.startSession();
    await session.withTransaction(() =>
      records.insertMany(
        [
          { _id: 1, n: 1 },
          { _id: 2, n: 2 },
        ],
        { session },
      ),
    );
    session.startTransaction();
    await expect(records.deleteMany({}, { session })).rejects.toMatchObject({ code: 13 });
    await session.endSession();
    expect(await records.countDocuments()).toBe(2);
  });

  it('may pass the validator by with the right to', async () => {
    const { records } = await openWriter('bypassed', ['find', 'insert', 'bypassDocumentValidation']);
    await records.insertOne({ _id: 1 }, { bypassDocumentValidation: true });
    expect(await records.countDocuments()).toBe(1);
  });
});

describe('roles', () => {
  it('that change count at once, on connections that are open', async () => {
    const { db: root } = mongo();
    const { records } = await openWriter('changing', ['find']);
    await expect(records.insertOne({ _id: 1, n: 1 })).rejects.toMatchObject({ code: 13 });
    await root.command({ grantRolesToUser: 'changing-writer', roles: ['readWrite'] });
    await records.insertOne({ _id: 1, n: 1 });
    await root.command({ revokeRolesFromUser: 'changing-writer', roles: ['readWrite'] });
    await expect(records.insertOne({ _id: 2, n: 1 })).rejects.toMatchObject({ code: 13 });
    await root.command({ dropRole: 'changing-writer' });
    await expect(records.findOne()).rejects.toMatchObject({ code: 13 });
  });

  it('are refused when they do not exist, or exist already', async () => {
    const { db } = mongo();
    await db.command({ createRole: 'taken', privileges: [], roles: [] });
    await expect(db.command({ createRole: 'taken', privileges: [], roles: [] })).rejects.toMatchObject({ code: 51002 });
    await expect(db.command({ createUser: 'u', pwd: 'x', roles: ['missing'] })).rejects.toMatchObject({ code: 31 });
    await db.command({ createUser: 'u', pwd: 'x', roles: ['read'] });
    await expect(db.command({ createUser: 'u', pwd: 'x', roles: ['read'] })).rejects.toMatchObject({ code: 51003 });
    expect(await db.command({ usersInfo: 'u' })).toMatchObject({ users: [{ user: 'u', roles: [{ role: 'read' }] }] });
    expect(await db.command({ rolesInfo: 'taken' })).toMatchObject({ roles: [{ role: 'taken' }] });
    await db.command({ dropUser: 'u' });
    await expect(db.command({ dropUser: 'u' })).rejects.toMatchObject({ code: 11 });
  });
});

describe('a client', () => {
  it('who does not log in may greet, and nothing else', async () => {
    const { db, server } = mongo();
    const url = new URL(server.url);
    const nobody = new MongoClient(`mongodb://${url.host}/`);
    await nobody.db('admin').command({ hello: 1 });
    for (const command of [{ find: 'worm' }, { insert: 'worm', documents: [{ n: 1 }] }, { listCollections: 1 }]) {
      await expect(nobody.db(db.databaseName).command(command)).rejects.toMatchObject({ code: 13 });
    }
    await nobody.close();
  });

  it('who logs in with a wrong password or name is refused', async () => {
    const { openAs, db } = mongo();
    await db.command({ createUser: 'known', pwd: PASSWORD, roles: ['read'] });
    await openAs('known', PASSWORD).db().command({ ping: 1 });
    for (const [name, password] of [
      ['known', 'wrong'],
      ['unknown', PASSWORD],
      ['root', PASSWORD],
    ] as const) {
      await expect(openAs(name, password).db().command({ ping: 1 })).rejects.toMatchObject({ code: 18 });
    }
  });
});
