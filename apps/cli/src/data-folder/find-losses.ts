import { statSync } from 'node:fs';
import { join } from 'node:path';
import { CliError } from '../cli-error.ts';
import type { FolderDescription } from './folder-description.ts';
import type { FolderLayout } from './folder-layout.ts';

/**
 * What a complete data folder always holds and this one lacks, one sentence each with what to do. `init` makes all of it,
 * so it was lost: an empty register in such a folder is no new one.
 *
 * @param registerId the register that is asked about; `init` makes the anchors of the first one only.
 * @throws CliError `DAMAGED_FOLDER` when something else lies in place of the anchors.
 */
export function findLosses(layout: FolderLayout, description: FolderDescription, registerId: string): string[] {
  const { coldFile, anchors } = layout;
  const cold = isLostFile(coldFile)
    ? [`The write-once store "${coldFile}" is missing or empty; restore it from a backup.`]
    : [];
  const heads = [anchors, join(anchors, registerId)].filter((folder) => !isFolder(folder));
  const lost = heads.find((folder) => folder === anchors || registerId === description.register);
  if (lost === undefined) {
    return cold;
  }
  const whose = lost === anchors ? '' : ` of the register that "${layout.description}" names`;
  const advice = 'restore it from a backup, or see "sorcha adopt"';
  return [...cold, `The folder "${lost}" of the anchored heads${whose} is missing; ${advice}.`];
}

/** Says whether a file that is never empty is gone, or cut to nothing. */
export function isLostFile(file: string): boolean {
  return (statSync(file, { throwIfNoEntry: false })?.size ?? 0) === 0;
}

/** `false` when nothing is there. */
function isFolder(path: string): boolean {
  const found = statSync(path, { throwIfNoEntry: false });
  if (found?.isDirectory() === false) {
    const advice = 'move it away, and restore the folder from a backup';
    throw new CliError('DAMAGED_FOLDER', `"${path}" holds the anchored heads and is no folder; ${advice}.`);
  }
  return found !== undefined;
}
