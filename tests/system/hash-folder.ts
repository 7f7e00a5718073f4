import { createHash } from 'node:crypto';
import { lstatSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

/** One hash over the names, modes and contents of everything at a path: equal before and after means nothing was written. */
export function hashFolder(path: string): string {
  const hash = createHash('sha256');
  const visit = (at: string, name: string) => {
    const stats = lstatSync(at, { throwIfNoEntry: false });
    hash.update(`${name}\0${stats?.mode ?? 'absent'}\0`);
    if (stats?.isDirectory()) {
      for (const entry of readdirSync(at).sort()) {
        visit(join(at, entry), `${name}/${entry}`);
      }
    } else if (stats?.isFile()) {
      hash.update(`${stats.size}\0`).update(readFileSync(at));
    }
  };
  visit(path, '');
  return hash.digest('hex');
}
