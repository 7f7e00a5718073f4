import { z } from 'zod';
import { listActions } from './connection/list-actions.ts';
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
  /** Whether this user may add to any collection of the database. */
  readonly mayWrite: boolean;
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
    const build: unknown = await database.read(async (call) => database.db.command({ buildInfo: 1 }, call));
    const listed = await database.read(async (call) =>
      database.db.listCollections({}, { ...call, nameOnly: true, authorizedCollections: true }).toArray(),
    );
    const collections = listed.map(({ name }) => name).sort();
    const actions = await listActions(database);
    const mayWrite = actions === undefined || actions.has('insert') || actions.has('anyAction');
    return { version: buildSchema.parse(build).version, database: database.name, collections, mayWrite };
  } finally {
    await database.close();
  }
}
