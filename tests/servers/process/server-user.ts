import { readFileSync } from 'node:fs';

/** A user of this machine. */
export interface ServerUser {
  readonly uid: number;
  readonly gid: number;
}

/**
 * The ordinary user as whom to run a server that refuses root: the first of the names that exists.
 *
 * `undefined` when this process is not root: then it is such a user itself.
 */
export function findServerUser(names: readonly string[] = ['postgres', 'nobody']): ServerUser | undefined {
  if (process.getuid?.() !== 0) {
    return undefined;
  }
  const lines = readFileSync('/etc/passwd', 'utf8').split('\n');
  for (const name of names) {
    const [, , uid, gid] = lines.find((line) => line.startsWith(`${name}:`))?.split(':') ?? [];
    if (uid !== undefined && gid !== undefined) {
      return { uid: Number(uid), gid: Number(gid) };
    }
  }
  throw new Error(`None of the users ${names.join(', ')} exists`);
}
