import { BSON, type ClientSession } from 'mongodb';
import { describe, expect, it, onTestFinished } from 'vitest';
import { type TestDocument, useMongo } from './open-test-client.ts';

const mongo = useMongo();
const accounts = () => mongo().db.collection<TestDocument>('accounts');

function startSession(): ClientSession {
  const session = mongo().client.startSession();
  onTestFinished(() => session.endSession());
  return session;
}

function startTransaction(): ClientSession {
  const session = startSession();
  session.startTransaction();
  return session;
}

describe('a transaction', () => {
  it('is seen by nobody until it is committed, and then as a whole', async () => {
    await accounts().insertMany([
      { _id: 'from', sum: 10 },
      { _id: 'to', sum: 0 },
    ]);
    const session = startTransaction();
    await accounts().updateOne({ _id: 'from' }, { $inc: { sum: -4 } }, { session });
    await accounts().updateOne({ _id: 'to' }, { $inc: { sum: 4 } }, { session });
    await accounts().insertOne({ _id: 'new' }, { session });
    expect(await accounts().findOne({ _id: 'from' }, { session })).toMatchObject({ sum: 6 });
    expect(await accounts().findOne({ _id: 'from' })).toMatchObject({ sum: 10 });
    expect(await accounts().countDocuments({ _id: 'new' })).toBe(0);
    await session.commitTransaction();
    expect(await accounts().distinct('sum')).toEqual([4, 6]);
    expect(await accounts().countDocuments({ _id: 'new' })).toBe(1);
  });

  it('leaves no trace when it is aborted, or when its session ends', async () => {
    const session = startTransaction();
    await accounts().insertOne({ _id: 'aborted' }, { session });
    await session.abortTransaction();
    const ended = startTransaction();
    await accounts().insertOne({ _id: 'ended' }, { session: ended });
    await ended.endSession();
    expect(await accounts().countDocuments({ _id: { $in: ['aborted', 'ended'] } })).toBe(0);
  });

  it('sees one state of the data from its first read on', async () => {
    await accounts().insertOne({ _id: 'state', n: 1 });
    const session = startTransaction();
    await accounts().findOne({ _id: 'state' }, { session });
    await accounts().updateOne({ _id: 'state' }, { $set: { n: 2 } });
    expect(await accounts().findOne({ _id: 'state' }, { session })).toMatchObject({ n: 1 });
  });

  it('that changes what another one has changed fails at once, and can be run again', async () => {
    await accounts().insertOne({ _id: 'conflict', n: 0 });
    const [first, second] = [startTransaction(), startTransaction()];
    await accounts().updateOne({ _id: 'conflict' }, { $inc: { n: 1 } }, { session: first });
    const conflict = accounts().updateOne({ _id: 'conflict' }, { $inc: { n: 1 } }, { session: second });
    await expect(conflict).rejects.toMatchObject({ code: 112, errorLabels: ['TransientTransactionError'] });
    const afterwards = accounts().findOne({ _id: 'conflict' }, { session: second });
    await expect(afterwards).rejects.toMatchObject({ code: 251 });
    await first.commitTransaction();
    await second.abortTransaction();
    await second.withTransaction(() =>
      accounts().updateOne({ _id: 'conflict' }, { $inc: { n: 1 } }, { session: second }),
    );
    expect(await accounts().findOne({ _id: 'conflict' })).toMatchObject({ n: 2 });
  });

  it('that changes what was changed since its first read fails', async () => {
    await accounts().insertOne({ _id: 'late', n: 0 });
    const session = startTransaction();
    await accounts().findOne({ _id: 'late' }, { session });
    await accounts().updateOne({ _id: 'late' }, { $inc: { n: 1 } });
    const update = accounts().updateOne({ _id: 'late' }, { $inc: { n: 1 } }, { session });
    await expect(update).rejects.toMatchObject({ code: 112, errorLabels: ['TransientTransactionError'] });
  });

  it('ends with the first error of a document', async () => {
    const session = startTransaction();
    await accounts().insertOne({ _id: 'lost' }, { session });
    await expect(accounts().insertOne({ _id: 'lost' }, { session })).rejects.toMatchObject({ code: 11000 });
    await expect(session.commitTransaction()).rejects.toMatchObject({ code: 251 });
    expect(await accounts().countDocuments({ _id: 'lost' })).toBe(0);
  });

  it('reads on with its cursors', async () => {
    const session = startTransaction();
    await accounts().insertMany(
      Array.from({ length: 20 }, (_, n) => ({ _id: `many-${n}`, many: n })),
      { session },
    );
    const read = accounts().find({ many: { $gte: 0 } }, { session, batchSize: 3, sort: { many: 1 } });
    expect(await read.map(({ many }) => Number(many)).toArray()).toEqual(Array.from({ length: 20 }, (_, n) => n));
  });

  it('can be committed twice', async () => {
    const session = startTransaction();
    await accounts().insertOne({ _id: 'twice' }, { session });
    await session.commitTransaction();
    await session.commitTransaction();
    expect(await accounts().countDocuments({ _id: 'twice' })).toBe(1);
  });

  it('drops nothing', async () => {
    const session = startTransaction();
    const { db } = mongo();
    await expect(db.command({ drop: 'accounts' }, { session })).rejects.toMatchObject({ code: 263 });
  });

  it('of many clients loses no change', async () => {
    await accounts().insertOne({ _id: 'counter', n: 0 });
    await Promise.all(
      Array.from({ length: 8 }, async () => {
        const session = startSession();
        for (let round = 0; round < 5; round++) {
          await session.withTransaction(async () => {
            const counter = await accounts().findOne({ _id: 'counter' }, { session });
            await accounts().updateOne({ _id: 'counter' }, { $set: { n: Number(counter?.['n']) + 1 } }, { session });
          });
        }
      }),
    );
    expect(await accounts().findOne({ _id: 'counter' })).toMatchObject({ n: 40 });
  });
});

describe('a write outside of transactions', () => {
  it.each([
    ['update', async () => (await accounts().updateOne({ _id: 'held' }, { $inc: { n: 1 } })).modifiedCount],
    ['update of many', async () => (await accounts().updateMany({ held: true }, { $inc: { n: 1 } })).modifiedCount],
    ['replacement', async () => (await accounts().replaceOne({ held: true }, { n: 5 })).modifiedCount],
    ['removal', async () => (await accounts().deleteOne({ _id: 'held' })).deletedCount],
    ['removal of many', async () => (await accounts().deleteMany({ held: true })).deletedCount],
    [
      'removal that gives the document',
      async () => ((await accounts().findOneAndDelete({ held: true })) === null ? 0 : 1),
    ],
  ])('waits for the transaction that holds its document, and sees what that left: %s', async (_, work) => {
    await accounts().replaceOne({ _id: 'held' }, { held: true, n: 0 }, { upsert: true });
    const session = startTransaction();
    await accounts().updateOne({ _id: 'held' }, { $inc: { n: 1 } }, { session });
    let isDone = false;
    const waiting = work().finally(() => (isDone = true));
    // Another request that goes through shows that the first one had time to.
    await accounts().findOne({ _id: 'held' });
    expect(isDone).toBe(false);
    await session.commitTransaction();
    expect(await waiting).toBe(1);
  });

  it('that no longer matches when its document is free changes nothing', async () => {
    await accounts().replaceOne({ _id: 'version' }, { version: 1 }, { upsert: true });
    const session = startTransaction();
    await accounts().updateOne({ _id: 'version' }, { $set: { version: 2 } }, { session });
    const waiting = accounts().updateOne({ _id: 'version', version: 1 }, { $set: { version: 3 } });
    await session.commitTransaction();
    expect(await waiting).toMatchObject({ matchedCount: 0 });
  });

  it('of many at once loses no change, and lets one compare-and-set win', async () => {
    await accounts().insertOne({ _id: 'busy', n: 0 });
    await Promise.all(Array.from({ length: 40 }, () => accounts().updateOne({ _id: 'busy' }, { $inc: { n: 1 } })));
    const swaps = await Promise.all(
      Array.from({ length: 20 }, () => accounts().updateOne({ _id: 'busy', n: 40 }, { $set: { n: 41 } })),
    );
    expect(swaps.reduce((sum, { modifiedCount }) => sum + modifiedCount, 0)).toBe(1);
    const removals = await Promise.all(Array.from({ length: 20 }, () => accounts().deleteOne({ _id: 'busy', n: 41 })));
    expect(removals.reduce((sum, { deletedCount }) => sum + deletedCount, 0)).toBe(1);
  });

  it('that is sent again is done once, and answered as the first time', async () => {
    await accounts().insertOne({ _id: 'retried', n: 0 });
    // A client of its own: the numbers of its sessions are not those that it counts.
    const client = mongo().open();
    const session = client.startSession();
    const db = client.db();
    const updates = [{ q: { _id: 'retried' }, u: { $inc: { n: 1 } } }];
    const send = (txnNumber: number) =>
      db.command({ update: 'accounts', updates, txnNumber: BSON.Long.fromNumber(txnNumber) }, { session });
    expect(await send(7)).toMatchObject({ n: 1, nModified: 1 });
    const both = await Promise.all([send(7), send(7)]);
    expect(both).toMatchObject([
      { n: 1, nModified: 1 },
      { n: 1, nModified: 1 },
    ]);
    expect(await accounts().findOne({ _id: 'retried' })).toMatchObject({ n: 1 });
    await expect(send(6)).rejects.toMatchObject({ code: 225 });
    await session.endSession();
  });

  it('is ended when it waits longer than it may, or when its client is gone', async () => {
    await accounts().insertOne({ _id: 'locked', n: 0 });
    const session = startTransaction();
    await accounts().updateOne({ _id: 'locked' }, { $inc: { n: 1 } }, { session });
    const late = accounts().updateOne({ _id: 'locked' }, { $inc: { n: 10 } }, { maxTimeMS: 100 });
    await expect(late).rejects.toMatchObject({ code: 50 });
    const gone = mongo().open();
    const abandoned = gone
      .db()
      .collection<TestDocument>('accounts')
      .updateOne({ _id: 'locked' }, { $inc: { n: 100 } });
    const outcome = abandoned.catch(() => 'cut off');
    const listUpdates = async () => {
      const { inprog } = await mongo().client.db('admin').command({ currentOp: 1 });
      return JSON.stringify(inprog).includes('"op":"update"');
    };
    await expect.poll(listUpdates, { timeout: 30_000 }).toBe(true);
    await gone.close(true);
    expect(await outcome).toBe('cut off');
    await expect.poll(listUpdates, { timeout: 30_000 }).toBe(false);
    await session.commitTransaction();
    await accounts().updateOne({ _id: 'locked' }, { $inc: { n: 1 } });
    expect(await accounts().findOne({ _id: 'locked' })).toMatchObject({ n: 2 });
  });
});
