import { z } from 'zod';
import { connectMongoDatabase } from './connection/mongo-database.ts';
import type { MongoOptions } from './connection/mongo-options.ts';
import { proveServer } from './connection/prove-server.ts';

/** What a MongoDB database is. */
export interface MongoFindings {
  /** The server's own version text: `7.0.0`. */
  readonly version: string;
  readonly database: string;
  /** The names of the collections that this user may see. */
  readonly collections: readonly string[];
}

const buildSchema = z.looseObject({ version: z.string() });

/**
 * Looks at a database without changing anything in it. A server that the stores cannot use is an error, as when they open.
 *
 * @throws StorageError `INVALID`, `UNAVAILABLE`, `INCOMPATIBLE_SERVER`.
 */
export async function inspectMongo(options: MongoOptions): Promise<MongoFindings> {
  const database = await connectMongoDatabase({ ...options, pool: { max: 1 } });
  try {
    await proveServer(database);
    const build: unknown = await database.read(async (db, call) => db.command({ buildInfo: 1 }, call));
    const listed = await database.read(async (db, call) =>
      db.listCollections({}, { ...call, nameOnly: true, authorizedCollections: true }).toArray(),
    );
    const collections = listed.map(({ name }) => name).sort();
    return { version: buildSchema.parse(build).version, database: database.name, collections };
  } finally {
    await database.close();
  }
}
