import { randomUUID } from 'node:crypto';
import { StorageError, type WormEnforcement } from '@sorcha/storage';
import { Binary, type Collection } from 'mongodb';
import type { CallEnd } from '../connection/deadline.ts';
import type { MongoDatabase } from '../connection/mongo-database.ts';
import type { TransactionOptions } from '../connection/run-transaction.ts';
import { readServerCode, UNAUTHORIZED } from '../connection/to-storage-error.ts';
import { findHarmfulRights } from './harmful-rights.ts';
import { findWormProblem, type StoredRecord, toPlaceId, toWormName, wormCollection } from './worm-collection.ts';

/** What was found out about a store. */
interface WormFinding {
  readonly status: 'pass' | 'warn';
  readonly enforcement: WormEnforcement;
  readonly detail: string;
}

/** Tries something that must be refused on a canary; the right that would allow it. */
interface Attempt {
  readonly right: string;
  readonly run: (collection: Collection<StoredRecord>, _id: string, options: TransactionOptions) => Promise<unknown>;
}

const attempts: readonly Attempt[] = [
  {
    right: 'update',
    run: async (collection, _id, options) => collection.updateOne({ _id }, { $set: { sealedAt: 1 } }, options),
  },
  { right: 'remove', run: async (collection, _id, options) => collection.deleteOne({ _id }, options) },
  {
    right: 'bypassDocumentValidation',
    run: async (collection, _id, options) =>
      collection.insertOne(createCanary(), { ...options, bypassDocumentValidation: true }),
  },
];

/** A record whose stream has a name that no user can give. */
function createCanary(): StoredRecord {
  const place = { stream: `.canary-${randomUUID()}`, sequence: 0 };
  return { _id: toPlaceId(place), ...place, bytes: new Binary(new Uint8Array()), sha256: '0'.repeat(64), sealedAt: 0 };
}

/** Appends a canary and takes it back. */
export async function rehearseAppend(database: MongoDatabase, name: string, end?: CallEnd): Promise<void> {
  const collection = wormCollection(database.db, name);
  await database.rehearse(async (options) => {
    const canary = createCanary();
    const { _id } = canary;
    await collection.insertOne(canary, options);
    await collection.findOne({ _id }, options);
  }, end);
}

/**
 * Tries to change a canary record in each way that must be refused, in transactions that are taken back. Dropping the collection
 * is not tried, because nothing could take that back: whether this user may is read from the rights that the server has of it.
 */
export async function checkWormHealth(database: MongoDatabase, name: string, end: CallEnd): Promise<WormFinding> {
  await rehearseAppend(database, name, end);
  const problem = await findWormProblem(database, name, end);
  if (problem !== undefined) {
    const detail = `The collection "${toWormName(name)}" ${problem}: open the store with a user who may alter it, and verify the records.`;
    return { status: 'warn', enforcement: 'process', detail };
  }
  const rights = await findHarmfulRights(database, toWormName(name), end);
  for (const attempt of attempts) {
    if (!(await isRefused(database, name, { attempt, end }))) {
      rights.add(attempt.right);
    }
  }
  if (rights.size === 0) {
    const detail =
      'A canary record was written; the server refused to change it, to remove it and to pass the validator, ' +
      'and this user has no right to alter or drop the collection.';
    return { status: 'pass', enforcement: 'database', detail };
  }
  const detail = `Records can be changed, because this user has the rights ${[...rights].sort().join(', ')}: give it the role of wormRoleDefinition and no other.`;
  return { status: 'warn', enforcement: 'process', detail };
}

async function isRefused(
  database: MongoDatabase,
  name: string,
  { attempt, end }: { readonly attempt: Attempt; readonly end: CallEnd },
): Promise<boolean> {
  try {
    const collection = wormCollection(database.db, name);
    await database.rehearse(async (options) => {
      const canary = createCanary();
      const { _id: id } = canary;
      await collection.insertOne(canary, options);
      await attempt.run(collection, id, options);
    }, end);
    return false;
  } catch (error) {
    if (error instanceof StorageError && readServerCode(error) === UNAUTHORIZED) {
      return true;
    }
    throw error;
  }
}
