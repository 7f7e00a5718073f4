import { type DocumentStore, StorageError, type Stored } from '@sorcha/storage';
import { type CheckedDocument, checkList, splitStored, toDocument, toStored } from '@sorcha/storage/provider';
import { MongoServerError } from 'mongodb';
import type { CallEnd } from '../connection/deadline.ts';
import { changeAtVersion, type StoreParts } from './change-version.ts';
import { readVersion, type StoredDocument, toContent } from './stored-document.ts';

type Writes = 'insert' | 'insertMany' | 'replace' | 'upsert';

/** The calls of a store that write documents. */
export function createWrites<D extends object, I>(parts: StoreParts<D, I>): Pick<DocumentStore<D, I>, Writes> {
  const { database, definition, collection } = parts;
  const { name } = definition;
  const toNew = (document: CheckedDocument): StoredDocument => ({
    _id: document.id,
    version: 1,
    ...toContent(definition, document),
  });
  const toResult = ({ value }: CheckedDocument, version: number): Stored<D> => toStored(definition, value, version);
  return {
    insert: async (document, call) =>
      database.runCall(call, async (end) => {
        const checked = toDocument(definition, document);
        const stored = toNew(checked);
        await database.write(async (options) => collection.insertOne(stored, options), end);
        return toResult(checked, 1);
      }),
    insertMany: async (documents, call) =>
      database.runCall(call, async (end) => {
        const checked = checkList(documents, 'documents').map((document) => toDocument(definition, document));
        const stored = checked.map(toNew);
        if (stored.length > 0) {
          await database.transact(async (options) => collection.insertMany(stored, options), end);
        }
        return checked.map((document) => toResult(document, 1));
      }),
    replace: async (stored, call) =>
      database.runCall(call, async (end) => {
        const { value, version } = splitStored<D>(stored);
        const document = toDocument(definition, value);
        const { id } = document;
        const next = { version: version + 1, ...toContent(definition, document) };
        const change = async () => {
          const { matchedCount } = await database.write(
            async (options) => collection.replaceOne({ _id: id, version }, next, options),
            end,
          );
          return matchedCount > 0;
        };
        if (!(await changeAtVersion(parts, { id, version, end, change }))) {
          throw new StorageError('NOT_FOUND', `There is no ${name} "${id}"; it was deleted or never added.`);
        }
        return toResult(document, version + 1);
      }),
    upsert: async (document, call) =>
      database.runCall(call, async (end) => {
        const checked = toDocument(definition, document);
        return toResult(checked, await upsertOne(parts, checked, end));
      }),
  };
}

/**
 * Puts a document in the place of the one with its key, or adds it; returns its version. Two commands, because DocumentDB
 * 1.0 lets concurrent upserts of one key overwrite each other.
 */
async function upsertOne<D, I>(
  { database, definition, collection }: StoreParts<D, I>,
  document: CheckedDocument,
  end: CallEnd,
): Promise<number> {
  const { renamed, ...content } = toContent(definition, document);
  const change = {
    $set: renamed === undefined ? content : { ...content, renamed },
    ...(renamed === undefined ? { $unset: { renamed: true as const } } : {}),
    $inc: { version: 1 },
  };
  const added = { _id: document.id, version: 1, ...toContent(definition, document) };
  for (;;) {
    const changed = await database.write(
      async (options) =>
        collection.findOneAndUpdate({ _id: document.id }, change, {
          ...options,
          returnDocument: 'after',
          projection: { version: 1 },
        }),
      end,
    );
    if (changed !== null) {
      return readVersion(changed);
    }
    try {
      await database.write(async (options) => collection.insertOne(added, options), end);
      return 1;
    } catch (error) {
      // Somebody else added it at the same time: there is one to replace now.
      if (!isKeyTaken(error)) {
        throw error;
      }
    }
  }
}

/** Says whether the key of a document was taken, and not a unique value. */
function isKeyTaken(error: unknown): boolean {
  const cause: unknown = error instanceof StorageError && error.code === 'ALREADY_EXISTS' ? error.cause : undefined;
  const pattern: unknown = cause instanceof MongoServerError ? cause['keyPattern'] : undefined;
  return typeof pattern === 'object' && pattern !== null && '_id' in pattern;
}
