import { findDocumentdbTree } from '../documentdb/engine/documentdb-tree.ts';
import { installDocumentdb } from '../documentdb/engine/install-documentdb.ts';
import { canInstallDebianPackages } from '../install/debian-packages.ts';
import type { ServerRequirement } from '../install/debian-server.ts';
import { findProgram } from '../install/find-program.ts';
import { MissingServerError } from '../missing-server.ts';

/** MongoDB, or DocumentDB in its place: `mongod` is neither in Debian nor in npm. */
export const mongoRequirement: ServerRequirement = {
  name: 'MongoDB',
  variable: 'MONGODB_URL',
  isHere: () => findMongod() !== undefined || (process.getuid?.() === 0 && findDocumentdbTree() !== undefined),
  install: async () => {
    if (!canInstallDebianPackages()) {
      throw missingMongo();
    }
    await installDocumentdb().catch((error: unknown) => {
      throw missingMongo(error);
    });
  },
};

/** The path of `mongod`. */
export function findMongod(): string | undefined {
  return findProgram('mongod');
}

export function missingMongo(cause?: unknown): MissingServerError {
  const remedy =
    'Put mongod on PATH, or set MONGODB_URL. As root on Debian the tests unpack DocumentDB, which speaks the same ' +
    'protocol, by themselves: it needs root to start, too.';
  return new MissingServerError('MongoDB', remedy, cause === undefined ? {} : { cause });
}
