import type { ChildProcess } from 'node:child_process';
import { existsSync } from 'node:fs';
import { appendFile, readFile, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { Client } from 'pg';
import { type DocumentdbTree, PROGRAMS } from './documentdb-tree.ts';
import { ENGINE_USER, engineSettings } from './engine-settings.ts';
import { folderInTree, runInTree } from './run-in-tree.ts';

const ASK_EVERY_MS = 15;

/** PostgreSQL with DocumentDB, as a child of this process; reached through a socket in the folder. */
export interface EngineProcess {
  /** Resolves when it has ended, in whatever way. */
  readonly ended: Promise<void>;
  /** Ends it in order. */
  stop(): Promise<void>;
}

/**
 * Starts the engine on the data of a folder, which belongs to the user of the tree, and waits until it answers. An
 * empty folder is given a new, empty database.
 */
export async function startEngine(tree: DocumentdbTree, folder: string): Promise<EngineProcess> {
  await initialise(tree, folder);
  await removeStaleLocks(join(folder, 'data', 'postmaster.pid'), join(folder, '.s.PGSQL.5432.lock'));
  const inside = folderInTree(folder);
  const child = runInTree(tree, folder, [
    `${PROGRAMS}/postgres`,
    '-D',
    `${inside}/data`,
    '-k',
    inside,
    // The processes of PostgreSQL show it in their titles, by which they are found when the main one was killed.
    '-c',
    `cluster_name=${inside.slice('/run/'.length)}`,
  ]);
  const ended = waitForEnd(child).then(() => undefined);
  let hasEnded = false;
  ended.then(
    () => (hasEnded = true),
    () => (hasEnded = true),
  );
  while (!(await answers(folder))) {
    if (hasEnded) {
      throw new Error('PostgreSQL ended before it answered');
    }
    await delay(ASK_EVERY_MS);
  }
  return {
    ended,
    stop: async () => {
      child.kill('SIGINT');
      await ended;
    },
  };
}

/** Complete under its final name or not there. */
async function initialise(tree: DocumentdbTree, folder: string): Promise<void> {
  const [data, partial] = [join(folder, 'data'), join(folder, 'data.partial')];
  if (existsSync(data)) {
    return;
  }
  await rm(partial, { recursive: true, force: true });
  const inside = folderInTree(folder);
  const options = ['--auth=trust', '--encoding=UTF8', '--locale=C.UTF-8', '--no-sync', '--no-instructions'];
  const args = ['-D', `${inside}/data.partial`, '-U', ENGINE_USER, ...options];
  const exitCode = await waitForEnd(runInTree(tree, folder, [`${PROGRAMS}/initdb`, ...args]));
  if (exitCode !== 0) {
    throw new Error(`initdb failed (${exitCode})`);
  }
  await appendFile(join(partial, 'postgresql.conf'), engineSettings(inside));
  await rename(partial, data);
}

/**
 * PostgreSQL does not start while the process that its lock files name exists. One that was killed together with its
 * parent exists until the first process of the machine has asked how it ended, which some never do.
 */
async function removeStaleLocks(...files: readonly string[]): Promise<void> {
  for (const file of files.filter((each) => existsSync(each))) {
    const [pid] = (await readFile(file, 'utf8')).split('\n', 1);
    const stat = await readFile(`/proc/${pid}/stat`, 'latin1').catch(() => '');
    const hasEnded = stat === '' || stat.slice(stat.lastIndexOf(')')).startsWith(') Z ');
    if (hasEnded) {
      await rm(file);
    }
  }
}

async function answers(folder: string): Promise<boolean> {
  const client = new Client({ host: folder, user: ENGINE_USER, database: 'postgres' });
  client.on('error', () => undefined);
  try {
    await client.connect();
    await client.query('SELECT 1');
    return true;
  } catch {
    return false;
  } finally {
    await client.end().catch(() => undefined);
  }
}

function waitForEnd(child: ChildProcess): Promise<number | null> {
  return new Promise((resolve, reject) => {
    child.on('error', reject);
    child.on('exit', resolve);
  });
}
