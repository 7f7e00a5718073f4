import { randomBytes } from 'node:crypto';
import { createExistingServer } from '../existing-server.ts';
import { toTestServer } from '../process/to-test-server.ts';
import type { ServerOptions } from '../test-server.ts';
import { toMongoUrl } from './mongo-login.ts';
import { findMongod } from './mongo-requirement.ts';
import { type MongoServer, withMongoDatabases } from './mongo-server.ts';
import { startDocumentdb } from './start-documentdb.ts';
import { startMongod } from './start-mongod.ts';

const PASSWORD_BYTES = 12;

/**
 * Starts a MongoDB with access control as a replica set of one member, on a free port of the loopback interface:
 * `mongod` when it is on PATH, else DocumentDB. What was acknowledged is on disk.
 *
 * With `MONGODB_URL` set (of a user who may do everything), that server is used by tests that do not harm it. Fails with
 * `MissingServerError` when there is none.
 */
export async function startMongo(options: ServerOptions = {}): Promise<MongoServer> {
  const existing = process.env['MONGODB_URL'];
  if (existing !== undefined && options.faults !== true) {
    return withMongoDatabases(createExistingServer('MONGODB_URL', existing), { ...options, engine: 'existing' });
  }
  const mongod = findMongod();
  const password = randomBytes(PASSWORD_BYTES).toString('hex');
  const server = await (mongod === undefined
    ? startDocumentdb(password, options)
    : startMongod(mongod, password, options));
  const testServer = toTestServer(server, toMongoUrl(server.port, password));
  return withMongoDatabases(testServer, { ...options, engine: mongod === undefined ? 'documentdb' : 'mongod' });
}
