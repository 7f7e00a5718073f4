import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { installDebianPackages } from '../../install/debian-packages.ts';
import { findProgram } from '../../install/find-program.ts';
import { withLock } from '../../process/machine-lock.ts';
import {
  DOCUMENTDB_VERSION,
  type DocumentdbTree,
  documentdbCacheFolder,
  FINISHED,
  findDocumentdbTree,
  PROGRAMS,
  readDocumentdbTree,
} from './documentdb-tree.ts';

const PACKAGES = ['postgresql-18', 'postgresql-18-documentdb'];
const CONTROL_FILE = 'usr/share/postgresql/18/extension/documentdb.control';
const SYSTEM_FOLDERS = ['/usr/sbin', '/sbin'];
const OUTPUT_TAIL_LENGTH = 2_000;

/** Options of the installation. */
export interface InstallOptions {
  /** Takes a line for each step. Default: standard error. */
  readonly print?: (line: string) => void;
}

/**
 * Unpacks Debian unstable's PostgreSQL 18 with DocumentDB into the cache folder, unless it is there: about 150 MB to
 * download, 900 MB of disk, a minute or two. Needs root on Debian and the network.
 *
 * One process does it while others wait. Cut off at any point, the next call goes on with the packages that were already
 * downloaded. All mounts live in a namespace that ends with the installation.
 */
export async function installDocumentdb({ print = printToStderr }: InstallOptions = {}): Promise<DocumentdbTree> {
  return (
    findDocumentdbTree() ?? (await withLock('install-documentdb', async () => findDocumentdbTree() ?? unpack(print)))
  );
}

function printToStderr(line: string): void {
  process.stderr.write(`${line}\n`);
}

async function unpack(print: (line: string) => void): Promise<DocumentdbTree> {
  const cache = documentdbCacheFolder();
  const [root, partial, downloads] = [join(cache, 'tree'), join(cache, 'tree.partial'), join(cache, 'downloads')];
  print(`Unpacking Debian unstable with ${PACKAGES.join(', ')} into ${root}: once, a minute or two`);
  if (findProgram('debootstrap', SYSTEM_FOLDERS) === undefined) {
    print('Installing debootstrap');
    await installDebianPackages(['debootstrap']);
  }
  await removeTree(partial);
  await mkdir(downloads, { recursive: true });
  const options = ['--variant=minbase', `--cache-dir=${downloads}`, `--include=${PACKAGES.join(',')}`];
  const mirror = process.env['SORCHA_DEBIAN_MIRROR'];
  await run('debootstrap', [...options, 'sid', partial, ...(mirror === undefined ? [] : [mirror])]);
  const version = await readVersion(partial);
  await writeFile(join(partial, FINISHED), `${JSON.stringify({ documentdb: version, packages: PACKAGES })}\n`);
  await removeTree(root);
  await rename(partial, root);
  await rm(downloads, { recursive: true, force: true });
  print(`DocumentDB ${version} is ready`);
  return readDocumentdbTree(root);
}

async function readVersion(root: string): Promise<string> {
  if (!existsSync(join(root, PROGRAMS, 'postgres'))) {
    throw new Error(`${root}${PROGRAMS} holds no postgres after the installation`);
  }
  const control = await readFile(join(root, CONTROL_FILE), 'utf8');
  const version = /^default_version = '([^']+)'/m.exec(control)?.[1] ?? 'unknown';
  if (!version.startsWith(`${DOCUMENTDB_VERSION}-`)) {
    throw new Error(
      `Debian unstable has DocumentDB ${version}; the bridge knows ${DOCUMENTDB_VERSION}. ` +
        'Check its functions and error codes, then change DOCUMENTDB_VERSION',
    );
  }
  return version;
}

/** Deletes an unpacked tree, never through a mount into the running system. */
async function removeTree(root: string): Promise<void> {
  const mounts = await readFile('/proc/self/mountinfo', 'utf8');
  if (mounts.includes(` ${root}/`)) {
    throw new Error(`Something is mounted below ${root}: unmount it first`);
  }
  await rm(root, { recursive: true, force: true });
}

/**
 * Runs a program in namespaces of its own, so that its mounts vanish with it and that it ends, with all its children,
 * when this process is killed.
 */
function run(command: string, args: readonly string[]): Promise<void> {
  const alone = ['--pdeathsig', 'KILL', 'unshare', '--mount', '--propagation', 'private', '--pid', '--fork'];
  return new Promise((resolve, reject) => {
    const child = spawn('setpriv', [...alone, '--kill-child', '--mount-proc', command, ...args], {
      stdio: ['ignore', 'pipe', 'pipe'],
      env: {
        PATH: [process.env['PATH'], ...SYSTEM_FOLDERS].join(':'),
        DEBIAN_FRONTEND: 'noninteractive',
        LANG: 'C.UTF-8',
      },
    });
    let output = '';
    for (const stream of [child.stdout, child.stderr]) {
      stream.setEncoding('utf8').on('data', (text: string) => {
        output = (output + text).slice(-OUTPUT_TAIL_LENGTH);
      });
    }
    child.on('error', reject);
    child.on('close', (exitCode) =>
      exitCode === 0 ? resolve() : reject(new Error(`${command} failed (${exitCode}). It wrote:\n${output}`)),
    );
  });
}
