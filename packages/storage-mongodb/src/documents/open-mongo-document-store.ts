import type { DocumentDefinition, DocumentStore } from '@sorcha/storage';
import { checkDocumentId, checkList, requireOption } from '@sorcha/storage/provider';
import type { Collection } from 'mongodb';
import type { CallEnd } from '../connection/deadline.ts';
import { connectMongoDatabase } from '../connection/mongo-database.ts';
import type { MongoOptions } from '../connection/mongo-options.ts';
import { proveServer } from '../connection/prove-server.ts';
import { measureHealth } from '../measure-health.ts';
import type { StoreParts } from './change-version.ts';
import { createDeletes } from './delete-documents.ts';
import { documentCollection, prepareDocuments, rehearseWrites } from './prepare-documents.ts';
import {
  countDocuments,
  findDocuments,
  openCursor,
  type SearchOptions,
  toDocumentFilter,
  toSearch,
} from './search-documents.ts';
import { fromStoredDocument, type StoredDocument } from './stored-document.ts';
import { createWrites } from './write-documents.ts';

/** Options of {@link openMongoDocumentStore}. */
export interface MongoDocumentOptions<D, I = D> extends MongoOptions {
  readonly definition: DocumentDefinition<D, I>;
}

/** How many keys one command asks for. */
const GET_BATCH = 10_000;

/**
 * Opens the document store of a definition in a MongoDB database (6 or later, a replica set or sharded cluster), which may hold other
 * stores too. Documents are kept as BSON, so that MongoDB searches them; the paths that the definition names are indexed. One
 * document has at most 16 MiB.
 *
 * @throws StorageError `INVALID`, `UNAVAILABLE`, `TIMEOUT`, `INCOMPATIBLE_SERVER` for a server without transactions, one that is too
 * old, or a collection that does not fit the definition (docs/decisions/0013-mongodb.md).
 */
export async function openMongoDocumentStore<D extends object, I = D>(
  options: MongoDocumentOptions<D, I>,
): Promise<DocumentStore<D, I>> {
  const { definition } = requireOption(options, 'definition');
  const database = await connectMongoDatabase(options);
  try {
    await proveServer(database);
    await prepareDocuments(database, definition);
  } catch (error) {
    await database.close();
    throw error;
  }
  const parts = { database, definition, collection: documentCollection(database.db, definition.name) };
  return {
    provider: 'mongodb',
    ...createReads(parts),
    ...createWrites(parts),
    ...createDeletes(parts),
    health: async (call) =>
      measureHealth(async () => database.runCall(call, async (end) => checkHealth(parts, end)), {}),
    close: async () => database.close(),
  };
}

async function checkHealth<D, I>({ database, definition }: StoreParts<D, I>, end: CallEnd) {
  await rehearseWrites(database, definition, end);
  const detail = `A canary was written to ${database.place}, changed, read, deleted and taken back.`;
  return { status: 'pass' as const, detail };
}

type Reads = 'get' | 'getMany' | 'find' | 'count' | 'exists';

function createReads<D extends object, I>({
  database,
  definition,
  collection,
}: StoreParts<D, I>): Pick<DocumentStore<D, I>, Reads> {
  const { name, key } = definition;
  const checkId = (id: string) => checkDocumentId(id, `${name}.${key}`);
  return {
    get: async (id, call) =>
      database.runCall(call, async (end) => {
        const checked = checkId(id);
        const found = await database.read(async (options) => collection.findOne({ _id: checked }, options), end);
        return found === null ? undefined : fromStoredDocument(definition, found);
      }),
    getMany: async (ids, call) =>
      database.runCall(call, async (end) => {
        const checked = checkList(ids, 'ids').map(checkId);
        const read = async (options: SearchOptions) => findByKeys(collection, checked, options);
        const found = await (checked.length <= GET_BATCH ? database.readAll(read, end) : database.transact(read, end));
        const returned = new Set<string>();
        return checked.map((id) => {
          const one = found.get(id);
          const isAgain = returned.has(id);
          returned.add(id);
          // Who asks for a document twice gets two that share nothing.
          return one === undefined ? undefined : fromStoredDocument(definition, isAgain ? structuredClone(one) : one);
        });
      }),
    find: async (filter, call) =>
      database.runCall(call, async (end) => {
        const search = toSearch(definition, { ...call, filter });
        return database.readAll(async (options) => findDocuments(collection, definition, { search, options }), end);
      }),
    count: async (filter = {}, call) =>
      database.runCall(call, async (end) => {
        const checked = toDocumentFilter(definition, filter);
        return database.readAll(async (options) => countDocuments(collection, checked, options), end);
      }),
    exists: async (id, call) =>
      database.runCall(call, async (end) => {
        const checked = checkId(id);
        const found = await database.read(
          async (options) => collection.findOne({ _id: checked }, { ...options, projection: { _id: 1 } }),
          end,
        );
        return found !== null;
      }),
  };
}

/** The documents with these keys, by key; within a transaction all batches see one state. */
async function findByKeys(
  collection: Collection<StoredDocument>,
  ids: readonly string[],
  options: SearchOptions,
): Promise<ReadonlyMap<string, StoredDocument>> {
  const found = new Map<string, StoredDocument>();
  for (let start = 0; start < ids.length; start += GET_BATCH) {
    const batch = ids.slice(start, start + GET_BATCH);
    for await (const one of openCursor(collection, { _id: { $in: batch } }, options)) {
      const { _id: id } = one;
      found.set(id, one);
    }
  }
  return found;
}
