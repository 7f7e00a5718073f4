import { chown } from 'node:fs/promises';
import { join } from 'node:path';
import { findDocumentdbTree } from '../documentdb/engine/documentdb-tree.ts';
import type { ServerProcess } from '../process/process-plan.ts';
import { startProcess } from '../process/start-process.ts';
import type { ServerOptions } from '../test-server.ts';
import { askMongo, toMongoUrl } from './mongo-login.ts';
import { missingMongo } from './mongo-requirement.ts';

const PROGRAM = join(import.meta.dirname, '..', 'documentdb', 'documentdb-server.ts');

/** Starts DocumentDB behind the bridge: the bridge is the process of the server, PostgreSQL is below it. */
export async function startDocumentdb(password: string, options: ServerOptions): Promise<ServerProcess> {
  const tree = process.getuid?.() === 0 ? findDocumentdbTree() : undefined;
  if (tree === undefined) {
    throw missingMongo();
  }
  return startProcess(
    {
      name: 'documentdb',
      // The bridge runs as root, which it takes to enter the tree; PostgreSQL does not.
      prepare: async (folder) => chown(folder, tree.user.uid, tree.user.gid),
      command: ({ folder, port }) => ({
        command: process.execPath,
        args: [
          '--disable-warning=ExperimentalWarning',
          PROGRAM,
          '--tree',
          tree.root,
          '--folder',
          folder,
          '--port',
          `${port}`,
        ],
        env: { SORCHA_ROOT_PASSWORD: password },
      }),
      checkReady: async ({ port }) => {
        await askMongo(toMongoUrl(port, password), (command) => command({ ping: 1 }));
      },
    },
    options,
  );
}
