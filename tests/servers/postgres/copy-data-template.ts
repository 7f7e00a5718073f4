import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { chown, mkdtemp, rename, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { openCacheFolder } from '../process/cache-folder.ts';
import { guardFolder } from '../process/guard-folder.ts';
import { withLock } from '../process/machine-lock.ts';
import type { ServerUser } from '../process/server-user.ts';

/** Who owns every server. The password is one that no message may show. */
export const SUPERUSER = { name: 'postgres', password: 'server-password-of-the-tests' } as const;

/**
 * Strings sort as people of one language expect, as they do on most servers: a provider that wants the order of code
 * points must ask for it.
 */
const INITDB_ARGS = [
  `--username=${SUPERUSER.name}`,
  '--auth=scram-sha-256',
  '--encoding=UTF8',
  '--locale=C',
  '--locale-provider=icu',
  '--icu-locale=en-US',
  '--no-sync',
  '--no-instructions',
];

const run = promisify(execFile);

/** How to make a data folder. */
export interface TemplateOptions {
  /** The path of `initdb`. */
  readonly initdb: string;
  /** Who will own the files. */
  readonly user: ServerUser | undefined;
}

/** Makes the data folder of a new server, as a copy of one that `initdb` made once for all tests of this machine. */
export async function copyDataTemplate(target: string, options: TemplateOptions): Promise<void> {
  const template = await findTemplate(options);
  await run('cp', ['--archive', '--reflink=auto', template, target]);
}

async function findTemplate(options: TemplateOptions): Promise<string> {
  const { stdout: version } = await run(options.initdb, ['--version']);
  const kind = JSON.stringify([version, options.user?.uid ?? process.getuid?.(), INITDB_ARGS]);
  const name = `postgres-data-${createHash('sha256').update(kind).digest('hex').slice(0, 16)}`;
  const template = join(await openCacheFolder(), name);
  if (!existsSync(template)) {
    await withLock(name, async () => {
      if (!existsSync(template)) {
        await createTemplate(template, options);
      }
    });
  }
  return template;
}

/** Appears under its name only when it is whole. */
async function createTemplate(template: string, { initdb, user }: TemplateOptions): Promise<void> {
  // The user of the server may not look into the cache of root.
  const folder = await mkdtemp(join(tmpdir(), 'sorcha-initdb-'));
  const release = guardFolder(folder);
  try {
    const [data, passwordFile] = [join(folder, 'data'), join(folder, 'password')];
    await writeFile(passwordFile, SUPERUSER.password);
    if (user !== undefined) {
      await Promise.all([folder, passwordFile].map((path) => chown(path, user.uid, user.gid)));
    }
    await run(initdb, [...INITDB_ARGS, `--pwfile=${passwordFile}`, `--pgdata=${data}`], { cwd: folder, ...user });
    const partial = `${template}.partial`;
    await rm(partial, { recursive: true, force: true });
    await run('cp', ['--archive', data, partial]);
    await rename(partial, template);
  } finally {
    await rm(folder, { recursive: true, force: true });
    release();
  }
}
