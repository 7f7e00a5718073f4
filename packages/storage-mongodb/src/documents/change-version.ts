import { type DocumentDefinition, StorageError } from '@sorcha/storage';
import type { Collection } from 'mongodb';
import type { CallEnd } from '../connection/deadline.ts';
import type { MongoDatabase } from '../connection/mongo-database.ts';
import { readVersion, type StoredDocument } from './stored-document.ts';

/** What the calls of a store work with. */
export interface StoreParts<D, I> {
  readonly database: MongoDatabase;
  readonly definition: DocumentDefinition<D, I>;
  readonly collection: Collection<StoredDocument>;
}

/** A change of the document with that key at that version, and of no other. */
export interface VersionedChange {
  readonly id: string;
  readonly version: number;
  readonly end: CallEnd;
  /** Says whether there was such a document. */
  readonly change: () => Promise<boolean>;
}

/** Changes a document at a version; `false` when there is no document with the key. `VERSION_CONFLICT` at another version. */
export async function changeAtVersion<D, I>(parts: StoreParts<D, I>, request: VersionedChange): Promise<boolean> {
  const { id, version, end, change } = request;
  for (;;) {
    if (await change()) {
      return true;
    }
    const found = await findVersion(parts, id, end);
    if (found === undefined) {
      return false;
    }
    if (found !== version) {
      const message = `The ${parts.definition.name} "${id}" is at version ${found}, not ${version}; read it again.`;
      throw new StorageError('VERSION_CONFLICT', message);
    }
    // Somebody deleted it and added it again in between.
  }
}

async function findVersion<D, I>({ database, collection }: StoreParts<D, I>, id: string, end: CallEnd) {
  const found = await database.read(
    async (options) =>
      collection.findOne(
        { _id: id },
        // What kept the change from happening need not be on a majority of the servers yet.
        { ...options, projection: { version: 1 }, readConcern: { level: 'local' } },
      ),
    end,
  );
  return found === null ? undefined : readVersion(found);
}
