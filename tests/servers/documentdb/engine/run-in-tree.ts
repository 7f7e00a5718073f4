import { type ChildProcess, spawn } from 'node:child_process';
import { basename } from 'node:path';
import type { DocumentdbTree } from './documentdb-tree.ts';

/**
 * Mounts what a program in the tree needs, for itself alone: the namespace, with all mounts, is gone when the program and
 * its children are. `setpriv` has the kernel kill the program when this process ends.
 */
const SCRIPT = `set -e
root=$1 folder=$2 inside=$3 user=$4
shift 4
mount -t proc proc "$root/proc"
mount -t tmpfs tmpfs "$root/run"
mkdir "$root$inside"
mount --bind "$folder" "$root$inside"
mount -t tmpfs -o mode=1777 tmpfs "$root/dev/shm"
exec chroot --userspec="$user" "$root" /usr/bin/env -i PATH=/usr/bin:/bin LANG=C.UTF-8 \\
  /usr/bin/setpriv --pdeathsig KILL "$@"`;

/** What programs in the tree see as the folder of the server: with its name, by which its processes are found. */
export function folderInTree(folder: string): string {
  return `/run/${basename(folder)}`;
}

/** Starts a program of the tree as its user `postgres`. Its output joins that of this process. */
export function runInTree(tree: DocumentdbTree, folder: string, command: readonly string[]): ChildProcess {
  const user = `${tree.user.uid}:${tree.user.gid}`;
  const script = ['sh', '-c', SCRIPT, 'sh', tree.root, folder, folderInTree(folder), user];
  return spawn('unshare', ['--mount', '--propagation', 'private', ...script, ...command], {
    stdio: ['ignore', 'inherit', 'inherit'],
    env: { PATH: `${process.env['PATH']}:/usr/sbin:/sbin` },
  });
}
