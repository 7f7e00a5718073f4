import type { DocumentStore } from '@sorcha/storage';
import { checkDocumentId, checkVersion } from '@sorcha/storage/provider';
import type { Collection } from 'mongodb';
import type { TransactionOptions } from '../connection/run-transaction.ts';
import { changeAtVersion, type StoreParts } from './change-version.ts';
import { type DocumentFilter, streamMatching, toDocumentFilter } from './search-documents.ts';
import type { StoredDocument } from './stored-document.ts';

/** How many keys one command names. */
const BATCH = 10_000;

/** The calls of a store that delete documents. */
export function createDeletes<D extends object, I>(
  parts: StoreParts<D, I>,
): Pick<DocumentStore<D, I>, 'delete' | 'deleteMany'> {
  const { database, definition, collection } = parts;
  const { name, key } = definition;
  return {
    delete: async (id, call) =>
      database.runCall(call, async (end) => {
        const checked = checkDocumentId(id, `${name}.${key}`);
        const version = call?.version === undefined ? undefined : checkVersion(call.version);
        const query = version === undefined ? { _id: checked } : { _id: checked, version };
        const change = async () => {
          const { deletedCount } = await database.write(async (options) => collection.deleteOne(query, options), end);
          return deletedCount > 0;
        };
        return version === undefined ? change() : changeAtVersion(parts, { id: checked, version, end, change });
      }),
    deleteMany: async (filter, call) =>
      database.runCall(call, async (end) => {
        const checked = toDocumentFilter(definition, filter);
        return database.transact(async (options) => deleteAll(collection, checked, options), end);
      }),
  };
}

/** Deletes what matches within a transaction, which sees one state of the data. */
async function deleteAll(
  collection: Collection<StoredDocument>,
  filter: DocumentFilter,
  options: TransactionOptions,
): Promise<number> {
  if (filter.test === undefined) {
    return (await collection.deleteMany(filter.query, options)).deletedCount;
  }
  const ids: string[] = [];
  for await (const { _id: id } of streamMatching(collection, filter, options)) {
    ids.push(id);
  }
  let deleted = 0;
  for (let start = 0; start < ids.length; start += BATCH) {
    const query = { _id: { $in: ids.slice(start, start + BATCH) } };
    deleted += (await collection.deleteMany(query, options)).deletedCount;
  }
  return deleted;
}
