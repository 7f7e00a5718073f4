import { randomBytes } from 'node:crypto';
import { MongoClient } from 'mongodb';
import type { ServerOptions, TestServer } from '../test-server.ts';

/** What answers: MongoDB itself, DocumentDB behind the bridge, or whatever `MONGODB_URL` names. */
export type MongoEngine = 'mongod' | 'documentdb' | 'existing';

/** A MongoDB, or what speaks like one: a replica set with one member, with the url of a user who may do everything. */
export interface MongoServer extends TestServer {
  readonly engine: MongoEngine;
  /** The url of a database of that name, by default of one that no other test uses. */
  createDatabase(name?: string): Promise<string>;
}

/** Adds databases to a server. On a server that outlives the test they are dropped at its end. */
export function withMongoDatabases(
  server: TestServer,
  { engine, onEnd }: Pick<ServerOptions, 'onEnd'> & { readonly engine: MongoEngine },
): MongoServer {
  const createDatabase = async (name = `sorcha_${randomBytes(8).toString('hex')}`) => {
    if (engine === 'existing') {
      onEnd?.(async () => dropDatabase(server.url, name));
    }
    const url = new URL(server.url);
    url.pathname = `/${encodeURIComponent(name)}`;
    if (url.username !== '' && !url.searchParams.has('authSource')) {
      // Without it the user would be looked for in the new database.
      url.searchParams.set('authSource', 'admin');
    }
    return url.href;
  };
  return Object.assign(server, { engine, createDatabase });
}

async function dropDatabase(url: string, name: string): Promise<void> {
  const client = new MongoClient(url);
  try {
    await client.db(name).dropDatabase();
  } finally {
    await client.close();
  }
}
