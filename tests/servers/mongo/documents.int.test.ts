import { BSON, type Document } from 'mongodb';
import { describe, expect, it } from 'vitest';
import { type TestDocument, useMongo } from './open-test-client.ts';

const mongo = useMongo();
const collection = (name: string) => mongo().db.collection<TestDocument>(name);

describe('documents', () => {
  it('come back with the types of all their values', async () => {
    const document = {
      _id: 'types',
      long: BSON.Long.fromString('9007199254740993'),
      decimal: BSON.Decimal128.fromString('1.50'),
      double: new BSON.Double(1),
      int: new BSON.Int32(1),
      date: new Date(-1),
      bytes: new BSON.Binary(Buffer.from([0, 255])),
      uuid: new BSON.UUID('5a8e1c1c-8a3f-4ad1-9a32-0d4f7b1f0c11'),
      id: new BSON.ObjectId('0123456789abcdef01234567'),
      nested: { empty: {}, list: [new BSON.Double(2), null, []] },
      text: 'a\0b 𝄞',
      none: null,
    };
    await collection('types').insertOne(document);
    const raw = await collection('types').findOne({ _id: 'types' }, { raw: true });
    expect(raw).toEqual(Buffer.from(BSON.serialize(document)));
  });

  it('are written, read, changed and removed', async () => {
    const people = collection('people');
    const inserted = await people.insertMany([1, 2, 3, 4].map((n) => ({ _id: n, n, tags: ['a', `t${n}`] })));
    expect(inserted.insertedCount).toBe(4);
    expect(await people.find({ tags: 't2' }).toArray()).toEqual([{ _id: 2, n: 2, tags: ['a', 't2'] }]);
    expect(await people.updateMany({ n: { $gt: 2 } }, { $inc: { n: 10 } })).toMatchObject({
      matchedCount: 2,
      modifiedCount: 2,
    });
    expect(await people.updateOne({ _id: 9 }, { $set: { n: 9 } }, { upsert: true })).toMatchObject({ upsertedId: 9 });
    expect(await people.findOneAndUpdate({ _id: 1 }, { $set: { n: 0 } }, { returnDocument: 'after' })).toMatchObject({
      n: 0,
    });
    expect(await people.findOneAndDelete({ _id: 9 })).toEqual({ _id: 9, n: 9 });
    expect((await people.deleteMany({ n: { $gte: 13 } })).deletedCount).toBe(2);
    expect(await people.find().sort({ n: -1 }).skip(1).limit(1).toArray()).toMatchObject([{ _id: 1 }]);
    expect([await people.countDocuments({ n: 2 }), await people.estimatedDocumentCount()]).toEqual([1, 2]);
    expect(await people.distinct('tags')).toEqual(['a', 't1', 't2']);
    const groups = people.aggregate([{ $group: { _id: null, sum: { $sum: '$n' } } }]);
    expect(await groups.toArray()).toEqual([{ _id: null, sum: 2 }]);
  });

  it.each([
    ['as they lie', {}],
    ['sorted', { sort: { n: -1 } }],
  ] as const)('are read in batches, %s', async (_, options) => {
    const many = collection('many');
    await many.deleteMany({});
    await many.insertMany(Array.from({ length: 1000 }, (__, n) => ({ _id: n, n, pad: 'x'.repeat(100) })));
    const cursor = many.find({}, { ...options, batchSize: 37 });
    const read = await cursor.toArray();
    expect(read.map(({ n }) => Number(n)).sort((a, b) => a - b)).toEqual(Array.from({ length: 1000 }, (__, n) => n));
    const first = many.find({}, { ...options, batchSize: 10 });
    expect(await first.next()).toBeDefined();
    await first.close();
    await expect(
      mongo().db.command({ getMore: first.id ?? BSON.Long.fromNumber(1), collection: 'many' }),
    ).rejects.toMatchObject({ code: 43 });
  });

  it('up to 15 MB long are kept, and many small ones in one call', async () => {
    const big = { _id: 'big', text: 'x'.repeat(15 * 1024 * 1024) };
    await collection('big').insertOne(big);
    expect((await collection('big').findOne({ _id: 'big' }))?.['text']).toHaveLength(big.text.length);
    const many = Array.from({ length: 30_000 }, (_, n) => ({ _id: n }));
    expect((await collection('big').insertMany(many)).insertedCount).toBe(30_000);
  });

  it('are written without waiting when no answer is wanted', async () => {
    await collection('silent').insertOne({ _id: 1 }, { writeConcern: { w: 0 } });
    await expect.poll(() => collection('silent').countDocuments()).toBe(1);
  });
});

describe('unique indexes', () => {
  it('refuse a second document, saying which index and value', async () => {
    const streams = collection('streams');
    await streams.createIndex({ stream: 1, sequence: 1 }, { unique: true });
    await streams.insertOne({ _id: 1, stream: 'a', sequence: 1 });
    await streams.insertOne({ _id: 2, stream: 'a', sequence: 2 });
    const duplicate = {
      code: 11000,
      errorResponse: { keyPattern: { stream: 1, sequence: 1 }, keyValue: { stream: 'a', sequence: 2 } },
    };
    const insert = streams.insertOne({ _id: 3, stream: 'a', sequence: 2 });
    await expect(insert).rejects.toMatchObject(duplicate);
    await expect(insert).rejects.toThrow(
      /^E11000 duplicate key error collection: \S+\.streams index: stream_1_sequence_1 dup key/,
    );
    await expect(streams.findOneAndUpdate({ _id: 1 }, { $set: { sequence: 2 } })).rejects.toMatchObject(duplicate);
    await expect(streams.updateOne({ _id: 1 }, { $set: { sequence: 2 } })).rejects.toMatchObject({ code: 11000 });
    await expect(streams.insertOne({ _id: 1, stream: 'b' })).rejects.toMatchObject({
      code: 11000,
      errorResponse: { keyPattern: { _id: 1 }, keyValue: { _id: 1 } },
    });
    await expect(streams.createIndex({ stream: 1 }, { unique: true })).rejects.toMatchObject({ code: 11000 });
  });

  it('let exactly one of many at the same time win', async () => {
    const races = collection('races');
    await races.createIndex({ key: 1 }, { unique: true });
    const codes = await Promise.all(
      Array.from({ length: 30 }, (_, n) =>
        races.insertOne({ _id: n, key: 'same' }).then(
          () => 0,
          (error: { code: number }) => error.code,
        ),
      ),
    );
    expect(codes.filter((code) => code === 0)).toHaveLength(1);
    expect(codes.filter((code) => code === 11000)).toHaveLength(29);
  });

  it('stop an ordered batch at the duplicate, and not an unordered one', async () => {
    const batches = collection('batches');
    await batches.insertOne({ _id: 2 });
    const documents = [{ _id: 1 }, { _id: 2 }, { _id: 3 }];
    await expect(batches.insertMany(documents)).rejects.toMatchObject({ code: 11000, insertedCount: 1 });
    expect(await batches.countDocuments()).toBe(2);
    await expect(batches.insertMany([{ _id: 2 }, { _id: 4 }, { _id: 5 }], { ordered: false })).rejects.toMatchObject({
      insertedCount: 2,
    });
  });
});

describe('validators', () => {
  const schema = { $jsonSchema: { bsonType: 'object', required: ['n'], properties: { n: { bsonType: 'int' } } } };

  it('refuse documents, until they are changed or passed by', async () => {
    const { db } = mongo();
    await db.createCollection('checked', { validator: schema });
    const checked = collection('checked');
    await checked.insertOne({ _id: 1, n: 1 });
    await expect(checked.insertOne({ _id: 2, n: 'one' })).rejects.toMatchObject({ code: 121 });
    await expect(checked.updateOne({ _id: 1 }, { $set: { n: 'one' } })).rejects.toMatchObject({ code: 121 });
    await expect(checked.findOneAndReplace({ _id: 1 }, { n: 'one' })).rejects.toMatchObject({ code: 121 });
    await checked.insertOne({ _id: 3, n: 'one' }, { bypassDocumentValidation: true });
    const [description] = await db.listCollections({ name: 'checked' }).toArray();
    expect(description).toMatchObject({ options: { validator: schema } });
    await db.command({ collMod: 'checked', validator: {} });
    await checked.insertOne({ _id: 4 });
    expect(await checked.countDocuments()).toBe(3);
  });
});

describe('collections, indexes and the server', () => {
  it('are made, listed and dropped', async () => {
    const { db, client } = mongo();
    await db.createCollection('made');
    await expect(db.createCollection('made', { validator: { a: 1 } })).rejects.toMatchObject({ code: 48 });
    await collection('made').createIndex({ a: 1, b: -1 }, { name: 'by_a' });
    expect((await collection('made').listIndexes().toArray()).map(({ name }) => String(name))).toEqual([
      '_id_',
      'by_a',
    ]);
    await collection('made').dropIndex('by_a');
    await expect(collection('made').dropIndex('by_a')).rejects.toMatchObject({ code: 27 });
    await expect(collection('never').listIndexes().toArray()).rejects.toMatchObject({ code: 26 });
    await collection('made').drop();
    const other = client.db(`${db.databaseName}_other`);
    await other.collection('one').insertOne({});
    const names = async () => (await client.db().admin().listDatabases()).databases.map(({ name }) => name);
    expect(await names()).toEqual(expect.arrayContaining([db.databaseName, other.databaseName]));
    await other.dropDatabase();
    expect(await names()).not.toContain(other.databaseName);
  });

  it('say which index a query uses', async () => {
    const explained = collection('explained');
    await explained.insertMany(Array.from({ length: 500 }, (_, n) => ({ _id: n, n, other: n })));
    await explained.createIndex({ n: 1 });
    const stages = async (filter: Document) =>
      JSON.stringify((await explained.find(filter).explain('queryPlanner'))['queryPlanner']);
    expect(await stages({ n: 3 })).toContain('"indexName":"n_1"');
    expect(await stages({ other: 3 })).toContain('COLLSCAN');
  });

  it('end what takes longer than it may, and go on', async () => {
    const slow = collection('slow');
    await slow.insertMany(Array.from({ length: 3000 }, (_, n) => ({ _id: n, n })));
    const join = {
      from: 'slow',
      let: { outer: '$n' },
      pipeline: [{ $match: { $expr: { $gt: [{ $add: ['$n', 1] }, '$$outer'] } } }],
      as: 'joined',
    };
    const pipeline = [{ $lookup: join }, { $group: { _id: null, n: { $sum: { $size: '$joined' } } } }];
    await expect(slow.aggregate(pipeline, { maxTimeMS: 50 }).toArray()).rejects.toMatchObject({ code: 50 });
    expect(await slow.findOne({ _id: 3 })).toMatchObject({ n: 3 });
  });

  it('refuse what they do not know by code', async () => {
    const { db } = mongo();
    await expect(db.command({ constructor: 1 })).rejects.toMatchObject({ code: 59, codeName: 'CommandNotFound' });
    await expect(collection('any').find({ $unknown: 1 }).toArray()).rejects.toMatchObject({ code: 2 });
    await expect(collection('any').updateOne({}, { $unknown: { a: 1 } })).rejects.toMatchObject({ code: 9 });
  });
});
