import { Binary, MongoClient } from 'mongodb';
import { wormCollection } from '../worm/worm-collection.ts';

/** Changes records as somebody does who runs the database; for tests. */
export interface MongoRecordDamage {
  /** Puts other bytes in the place of a record's, past the validator. The seal stays. */
  replace(stream: string, sequence: number, bytes: Uint8Array): Promise<void>;
  remove(stream: string, sequence: number): Promise<void>;
  close(): Promise<void>;
}

/** Connects as a user who may change the collection of the write-once documents `name`; the url names the database. */
export async function openMongoRecordDamage(options: {
  readonly url: string;
  readonly name: string;
}): Promise<MongoRecordDamage> {
  const client = await new MongoClient(options.url).connect();
  const collection = wormCollection(client.db(), options.name);
  return {
    replace: async (stream, sequence, bytes) => {
      const change = { $set: { bytes: new Binary(bytes) } };
      await collection.updateOne({ stream, sequence }, change, { bypassDocumentValidation: true });
    },
    remove: async (stream, sequence) => {
      await collection.deleteOne({ stream, sequence });
    },
    close: async () => client.close(),
  };
}
