import { type Db, type Document, MongoClient, type MongoClientOptions } from 'mongodb';
import { afterAll, beforeAll } from 'vitest';
import type { MongoServer } from './mongo-server.ts';
import { startMongo } from './start-mongo.ts';

/** Documents of the tests. */
export interface TestDocument extends Document {
  readonly _id: string | number;
}

/** A server for all tests of a file, with a client. */
export interface TestMongo {
  readonly server: MongoServer;
  readonly client: MongoClient;
  /** A database that no other test uses. */
  readonly db: Db;
  /** Another client of the same user and database. */
  readonly open: () => MongoClient;
  /** A client of a user of the database, made with `createUser`. */
  readonly openAs: (name: string, password: string) => MongoClient;
}

/** Starts the server before the tests of a file and ends it, with all clients, after them. */
export function useMongo(options: MongoClientOptions = {}): () => TestMongo {
  let mongo: TestMongo | undefined;
  const clients: MongoClient[] = [];
  const open = (url: string) => {
    const client = new MongoClient(url, options);
    clients.push(client);
    return client;
  };
  const ends: (() => Promise<void>)[] = [];
  beforeAll(async () => {
    const server = await startMongo({ onEnd: (end) => ends.push(end), faults: true });
    const url = await server.createDatabase();
    const client = open(url);
    const db = client.db();
    const openAs = (name: string, password: string) => open(toUserUrl(url, db.databaseName, name, password));
    mongo = { server, client, db, open: () => open(url), openAs };
  });
  afterAll(async () => {
    await Promise.all(clients.map((client) => client.close()));
    for (const end of ends) {
      await end();
    }
  });
  return () => {
    if (mongo === undefined) {
      throw new Error('The server has not been started');
    }
    return mongo;
  };
}

function toUserUrl(rootUrl: string, database: string, name: string, password: string): string {
  const url = new URL(rootUrl);
  url.username = encodeURIComponent(name);
  url.password = encodeURIComponent(password);
  url.searchParams.set('authSource', database);
  return url.href;
}
