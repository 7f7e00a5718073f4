import { randomUUID } from 'node:crypto';
import { type DocumentDefinition, StorageError } from '@sorcha/storage';
import type { Collection, Db } from 'mongodb';
import type { CallEnd } from '../connection/deadline.ts';
import type { MongoDatabase } from '../connection/mongo-database.ts';
import { createCollection, type DeclaredIndex, isAsDeclared, readCollection } from '../connection/read-collection.ts';
import type { TransactionOptions } from '../connection/run-transaction.ts';
import { toStoredName } from './member-names.ts';
import { type StoredDocument, toUniqueName } from './stored-document.ts';

/** Stands before the names of indexes that only make searches fast, and of those that keep values unique. */
const SEARCH = 'path:';
const UNIQUE = 'unique:';

/** MongoDB keeps at most 64 indexes of a collection, one of them that of the key. */
const MAX_INDEXES = 63;

/** The collection of a kind of document. */
export function documentCollection(db: Db, name: string): Collection<StoredDocument> {
  return db.collection<StoredDocument>(`document_${name}`);
}

/**
 * Makes sure that the collection of a definition is there with its indexes, and that this user may read and write it.
 *
 * @throws StorageError `INVALID`, `UNAVAILABLE`, `INCOMPATIBLE_SERVER` when the collection was made for another key, for other
 * unique paths or by another program.
 */
export async function prepareDocuments<D, I>(
  database: MongoDatabase,
  definition: DocumentDefinition<D, I>,
): Promise<void> {
  const declared = listIndexes(definition);
  if (declared.length > MAX_INDEXES) {
    throw new StorageError(
      'INVALID',
      `Document "${definition.name}" declares more than MongoDB can index, which is ${MAX_INDEXES}: a unique path counts twice.`,
    );
  }
  const name = `document_${definition.name}`;
  const refuse = (problem: string) =>
    new StorageError('INCOMPATIBLE_SERVER', `The collection "${name}" of ${database.place} ${problem}.`);
  let found = await readCollection(database, name);
  if (found === undefined) {
    await createCollection(database, name);
    found = await readCollection(database, name);
  }
  if (found === undefined || found.isForeign) {
    throw refuse('is a view, capped, or sorted by a language; another program made it, use another database');
  }
  const present = new Map(found.indexes.map((index) => [index.name, index]));
  const missing = declared.filter(({ name: index }) => !present.has(index));
  const other = declared.find((index) => {
    const one = present.get(index.name);
    return one !== undefined && !isAsDeclared(one, index);
  });
  if (other !== undefined) {
    throw refuse(`has an index "${other.name}" of another kind; another program changed it, drop it`);
  }
  const collection = documentCollection(database.db, definition.name);
  const [was, is] = [found.indexes, declared].map(listUnique);
  if (was !== is) {
    const one = await database.read(async (options) => collection.findOne({}, { ...options, projection: { _id: 1 } }));
    if (one !== null) {
      throw refuse(`keeps ${was} unique, not ${is}; declare it so, or copy the documents to a new kind`);
    }
  }
  if (missing.length > 0) {
    await database.write(async (options) => collection.createIndexes(missing, options));
  }
  await proveKey(database, definition, refuse);
  await rehearseWrites(database, definition);
}

/** Does everything that the store does, on a document whose key no call can name, and takes it back. */
export async function rehearseWrites<D, I>(
  database: MongoDatabase,
  { name }: DocumentDefinition<D, I>,
  end?: CallEnd,
): Promise<void> {
  const canary = { _id: `\u0001canary-${randomUUID()}` };
  const collection = documentCollection(database.db, name);
  await database.rehearse(async (options: TransactionOptions) => {
    await collection.insertOne({ ...canary, version: 1, doc: {} }, options);
    await collection.updateOne(canary, { $inc: { version: 1 } }, options);
    await collection.findOne(canary, options);
    await collection.deleteOne(canary, options);
  }, end);
}

/** Documents that have another member as their key would be found by one and returned with another. */
async function proveKey<D, I>(
  database: MongoDatabase,
  { name, key }: DocumentDefinition<D, I>,
  refuse: (problem: string) => StorageError,
): Promise<void> {
  const one = await database.read(async (options) =>
    documentCollection(database.db, name).findOne({ doc: { $type: 'object' } }, options),
  );
  if (one === null) {
    return;
  }
  const { _id: id, doc } = one;
  const members: ReadonlyMap<string, unknown> = new Map(Object.entries(doc));
  if (members.get(toStoredName(key)) !== id) {
    throw refuse(`was made for documents with another key than "${key}"; declare that one, or copy them to a new kind`);
  }
}

function listIndexes<D, I>({ key, indexes, unique }: DocumentDefinition<D, I>): DeclaredIndex[] {
  const paths = new Set([...indexes, ...unique]);
  // The key has an index of its own.
  paths.delete(key);
  const searched = [...paths].map((path) => ({
    name: `${SEARCH}${path}`,
    key: { [toField(path)]: 1 as const },
    unique: false,
  }));
  const taken = [...new Set(unique)].map((path) => {
    const field = `unique.${toUniqueName(path)}`;
    return {
      name: `${UNIQUE}${path}`,
      key: { [field]: 1 as const },
      unique: true,
      partialFilterExpression: { [field]: { $exists: true } },
    };
  });
  return [...searched, ...taken];
}

function toField(path: string): string {
  return `doc.${path.split('.').map(toStoredName).join('.')}`;
}

function listUnique(indexes: readonly { readonly name: string }[]): string {
  const names = indexes.map(({ name }) => name).filter((name) => name.startsWith(UNIQUE));
  const paths = names.map((name) => name.slice(UNIQUE.length));
  return paths.sort().join(', ') || 'nothing';
}
