import { randomBytes } from 'node:crypto';
import { type Document, MongoClient } from 'mongodb';

/** A user of one database, made for a test. */
export interface MongoTestUser {
  readonly username: string;
  readonly password: string;
  /** Where the user connects, without name and password. */
  readonly url: string;
}

/**
 * Creates a user of the database that the url names; the url is that of somebody who may.
 *
 * @param roles commands `createRole` of roles to create for the user, or names of roles that there are.
 */
export async function createMongoUser(url: string, roles: readonly (Document | string)[]): Promise<MongoTestUser> {
  const client = await new MongoClient(url).connect();
  try {
    const db = client.db();
    const [username, password] = [`user_${randomBytes(4).toString('hex')}`, randomBytes(12).toString('hex')];
    const names: string[] = [];
    for (const role of roles) {
      if (typeof role !== 'string') {
        await db.command(role);
      }
      names.push(typeof role === 'string' ? role : String(role['createRole']));
    }
    await db.command({ createUser: username, pwd: password, roles: names });
    const without = new URL(url);
    [without.username, without.password] = ['', ''];
    without.searchParams.set('authSource', db.databaseName);
    return { username, password, url: without.href };
  } finally {
    await client.close();
  }
}
