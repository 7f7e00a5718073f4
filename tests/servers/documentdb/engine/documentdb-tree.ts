import { existsSync, readFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import type { ServerUser } from '../../process/server-user.ts';

/** The version of DocumentDB whose functions and error codes the bridge knows; part of the name of the cache folder. */
export const DOCUMENTDB_VERSION = '1.0';

/** Where the programs of PostgreSQL lie inside the tree. */
export const PROGRAMS = '/usr/lib/postgresql/18/bin';

/** A small Debian with PostgreSQL 18 and DocumentDB in a folder of this machine. */
export interface DocumentdbTree {
  readonly root: string;
  /** The ordinary user of that Debian as whom PostgreSQL runs. */
  readonly user: ServerUser;
}

/** Where the tree is kept between runs: in `$XDG_CACHE_HOME`, else in `~/.cache`. */
export function documentdbCacheFolder(): string {
  return join(process.env['XDG_CACHE_HOME'] || join(homedir(), '.cache'), 'sorcha', `documentdb-${DOCUMENTDB_VERSION}`);
}

/** Finds the tree that `installDocumentdb` finished; `undefined` when there is none. */
export function findDocumentdbTree(): DocumentdbTree | undefined {
  const root = join(documentdbCacheFolder(), 'tree');
  return existsSync(join(root, FINISHED)) ? readDocumentdbTree(root) : undefined;
}

/** The file that says that the tree was unpacked to its end. */
export const FINISHED = 'sorcha-finished.json';

/** Reads what there is to know of an unpacked tree. */
export function readDocumentdbTree(root: string): DocumentdbTree {
  const lines = readFileSync(join(root, 'etc/passwd'), 'utf8').split('\n');
  const [, , uid, gid] = lines.find((line) => line.startsWith('postgres:'))?.split(':') ?? [];
  if (uid === undefined || gid === undefined) {
    throw new Error(`${root} has no user postgres: delete the folder, it is made again`);
  }
  return { root, user: { uid: Number(uid), gid: Number(gid) } };
}
