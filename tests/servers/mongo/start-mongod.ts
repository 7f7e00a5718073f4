import { randomBytes } from 'node:crypto';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { MongoServerError } from 'mongodb';
import type { ServerProcess } from '../process/process-plan.ts';
import { startProcess } from '../process/start-process.ts';
import type { ServerOptions } from '../test-server.ts';
import { askMongo, ROOT_USER, toMongoUrl } from './mongo-login.ts';

const SET_NAME = 'sorcha';
const KEY_BYTES = 96;
const AUTHENTICATION_FAILED = 18;

/** Starts `mongod` as a replica set with one member, which takes part in transactions, and with access control. */
export async function startMongod(mongod: string, password: string, options: ServerOptions): Promise<ServerProcess> {
  return startProcess(
    {
      name: 'mongod',
      prepare: async (folder) => {
        await mkdir(join(folder, 'data'));
        // Members of a set with access control know each other by it.
        await writeFile(join(folder, 'key'), randomBytes(KEY_BYTES).toString('base64'), { mode: 0o600 });
      },
      command: ({ folder, port }) => ({
        command: mongod,
        args: [
          '--dbpath',
          join(folder, 'data'),
          '--bind_ip',
          '127.0.0.1',
          '--port',
          `${port}`,
          '--nounixsocket',
          '--replSet',
          SET_NAME,
          '--auth',
          '--keyFile',
          join(folder, 'key'),
          '--wiredTigerCacheSizeGB',
          '0.25',
          // Else it waits for 15 s for another member to take over before it stops.
          '--setParameter',
          'shutdownTimeoutMillisForSignaledShutdown=100',
        ],
      }),
      checkReady: async ({ port }) => prepareReplicaSet(port, password),
    },
    options,
  );
}

/** Does the next step that is missing, and fails until none is. */
async function prepareReplicaSet(port: number, password: string): Promise<void> {
  // Whoever comes from this machine may set up the first user, and the set.
  await askMongo(toMongoUrl(port), async (command) => {
    const hello = await command({ hello: 1 });
    if (hello['setName'] === undefined) {
      const members = [{ _id: 0, host: `127.0.0.1:${port}` }];
      await command({ replSetInitiate: { _id: SET_NAME, members } });
    }
    if (hello['isWritablePrimary'] !== true) {
      throw new Error('The replica set has no primary yet');
    }
  });
  try {
    await askMongo(toMongoUrl(port, password), (command) => command({ ping: 1 }));
  } catch (error) {
    if (error instanceof MongoServerError && error.code === AUTHENTICATION_FAILED) {
      await askMongo(toMongoUrl(port), (command) => command({ createUser: ROOT_USER, pwd: password, roles: ['root'] }));
    }
    throw error;
  }
}
