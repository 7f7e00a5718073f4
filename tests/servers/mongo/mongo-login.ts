import { type Document, MongoClient } from 'mongodb';

const ANSWER_WITHIN_MS = 5_000;

/** The user who may do everything, of the database `admin`. */
export const ROOT_USER = 'root';

/** The url of a server on the loopback interface for its root user, or for nobody without a password. */
export function toMongoUrl(port: number, password?: string): string {
  return password === undefined
    ? `mongodb://127.0.0.1:${port}/`
    : `mongodb://${ROOT_USER}:${password}@127.0.0.1:${port}/?authSource=admin`;
}

/** Runs commands of the database `admin` on one server, whatever its place in a replica set, with short deadlines. */
export async function askMongo<T>(url: string, work: (command: AdminCommand) => Promise<T>): Promise<T> {
  const client = new MongoClient(url, {
    directConnection: true,
    serverSelectionTimeoutMS: ANSWER_WITHIN_MS,
    connectTimeoutMS: ANSWER_WITHIN_MS,
    socketTimeoutMS: ANSWER_WITHIN_MS,
  });
  try {
    return await work(async (command) => client.db('admin').command(command));
  } finally {
    await client.close();
  }
}

/** Runs one command. */
export type AdminCommand = (command: Document) => Promise<Readonly<Record<string, unknown>>>;
