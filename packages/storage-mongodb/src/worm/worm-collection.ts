import { isEqualValue, StorageError } from '@sorcha/storage';
import type { Binary, Collection, Db } from 'mongodb';
import type { CallEnd } from '../connection/deadline.ts';
import type { MongoDatabase } from '../connection/mongo-database.ts';
import {
  createCollection,
  type DeclaredIndex,
  type FoundCollection,
  isAsDeclared,
  readCollection,
} from '../connection/read-collection.ts';
import { readServerCode, UNAUTHORIZED } from '../connection/to-storage-error.ts';

/** A record as MongoDB keeps it. */
export interface StoredRecord {
  /** The place, see {@link toPlaceId}: of one place there is one record even while its index is absent. */
  readonly _id: string;
  readonly stream: string;
  readonly sequence: number;
  /** The exact bytes of the document: as a text the driver would decode them before anyone could check the seal. */
  readonly bytes: Binary;
  readonly sha256: string;
  /** Milliseconds since 1970-01-01T00:00:00Z. */
  readonly sealedAt: number;
}

/** The `_id` of a record; names of streams have no slash. */
export function toPlaceId({ stream, sequence }: Pick<StoredRecord, 'stream' | 'sequence'>): string {
  return `${stream}/${sequence}`;
}

/** The name of the collection of a kind of write-once document. */
export function toWormName(name: string): string {
  return `worm_${name}`;
}

/** The collection of a kind of write-once document. */
export function wormCollection(db: Db, name: string): Collection<StoredRecord> {
  return db.collection<StoredRecord>(toWormName(name));
}

/** What MongoDB checks of every record that is inserted. */
const VALIDATOR = {
  $jsonSchema: {
    bsonType: 'object',
    required: ['stream', 'sequence', 'bytes', 'sha256', 'sealedAt'],
    properties: {
      _id: { bsonType: 'string' },
      stream: { bsonType: 'string', minLength: 1, maxLength: 128 },
      sequence: { bsonType: ['int', 'long', 'double'], minimum: 0 },
      bytes: { bsonType: 'binData' },
      sha256: { bsonType: 'string', minLength: 64, maxLength: 64 },
      sealedAt: { bsonType: ['int', 'long', 'double'] },
    },
  },
};

/** Of one place there is one record. Appends and reads go by it. */
const INDEX: DeclaredIndex = { name: 'stream_sequence', key: { stream: 1, sequence: 1 }, unique: true };

/**
 * Makes sure that the collection is there with its validator and its unique index. Whoever has only the role of `wormRoleDefinition`
 * can but check it.
 *
 * @throws StorageError `INCOMPATIBLE_SERVER` when it is absent or changed and this user cannot put that right.
 */
export async function prepareWormCollection(database: MongoDatabase, name: string): Promise<void> {
  const collection = toWormName(name);
  const found = await readCollection(database, collection);
  if (found?.isForeign === true) {
    const advice = 'another program made it, use another database';
    throw new StorageError(
      'INCOMPATIBLE_SERVER',
      `The collection "${collection}" of ${database.place} is a view, capped, or sorted by a language: ${advice}.`,
    );
  }
  try {
    if (found === undefined) {
      await createCollection(database, collection, { validator: VALIDATOR });
    } else if (!hasValidator(found)) {
      await database.write(async (options) =>
        database.db.command(
          { collMod: collection, validator: VALIDATOR, validationLevel: 'strict', validationAction: 'error' },
          options,
        ),
      );
    }
    if (found === undefined || !hasIndex(found)) {
      await database.write(async (options) =>
        database.db
          .collection(collection)
          .createIndex({ ...INDEX.key }, { ...options, name: INDEX.name, unique: true }),
      );
    }
  } catch (error) {
    throw readServerCode(error) === UNAUTHORIZED ? toAdvice(database, { collection, found, error }) : error;
  }
}

/** Says what of the collection is not as it was made; `undefined` when all is. */
export async function findWormProblem(
  database: MongoDatabase,
  name: string,
  end: CallEnd,
): Promise<string | undefined> {
  const found = await readCollection(database, toWormName(name), end);
  return describeProblem(found);
}

function describeProblem(found: FoundCollection | undefined): string | undefined {
  if (found === undefined) {
    return 'does not exist';
  }
  if (!hasValidator(found)) {
    return 'has no validator, or another one';
  }
  return hasIndex(found) ? undefined : `has no unique index "${INDEX.name}", or another one`;
}

function hasValidator({ validator, isStrict }: FoundCollection): boolean {
  return isStrict && isEqualValue(validator, VALIDATOR);
}

function hasIndex({ indexes }: FoundCollection): boolean {
  return indexes.some((index) => index.name === INDEX.name && isAsDeclared(index, INDEX));
}

function toAdvice(
  { place }: MongoDatabase,
  { collection, found, error }: { collection: string; found: FoundCollection | undefined; error: unknown },
): StorageError {
  const advice =
    'open the store once with a user who may create and alter it (roles readWrite and dbAdmin), then with the role of wormRoleDefinition';
  return new StorageError(
    'INCOMPATIBLE_SERVER',
    `The collection "${collection}" of ${place} ${describeProblem(found) ?? 'cannot be used'}, which this user cannot change: ${advice}.`,
    { cause: error instanceof StorageError ? error.cause : error },
  );
}
