import { statSync } from 'node:fs';
import { join } from 'node:path';
import { CliError } from '../cli-error.ts';
import type { FolderDescription } from './folder-description.ts';
import type { FolderLayout } from './folder-layout.ts';
import { readKind } from './read-kind.ts';

/**
 * What a complete data folder always holds and this one lacks, one sentence each with what to do. `init` makes all of it,
 * so it was lost: an empty register in such a folder is no new one.
 *
 * @param registerId the register that is asked about; `init` makes the anchors of the first one only. `undefined` for what every
 * register needs.
 * @throws CliError `DAMAGED_FOLDER` when something else lies in place of the anchors.
 */
export function findLosses(layout: FolderLayout, description: FolderDescription, registerId?: string): string[] {
  const { coldFile, anchors } = layout;
  const cold = isLostFile(coldFile)
    ? [`The write-once store "${coldFile}" is missing or empty; restore it from a backup.`]
    : [];
  const own = registerId === description.register ? [join(anchors, registerId)] : [];
  const lost = [anchors, ...own].find((folder) => !isAnchorFolder(folder));
  if (lost === undefined) {
    return cold;
  }
  const whose = lost === anchors ? '' : ` of the register that "${layout.description}" names`;
  const advice = 'restore it from a backup, or see "sorcha adopt"';
  return [...cold, `The folder "${lost}" of the anchored heads${whose} is missing; ${advice}.`];
}

/** Says whether a file that is never empty is gone, or cut to nothing. */
export function isLostFile(file: string): boolean {
  const kind = readKind(file);
  return kind === 'absent' || (kind === 'file' && statSync(file, { throwIfNoEntry: false })?.size === 0);
}

/** Says whether a folder of anchored heads is there. `DAMAGED_FOLDER` when something else is. */
export function isAnchorFolder(path: string): boolean {
  const kind = readKind(path);
  if (kind === 'file' || kind === 'other') {
    const advice = 'move it away, and restore the folder from a backup';
    throw new CliError('DAMAGED_FOLDER', `"${path}" holds the anchored heads and is no folder; ${advice}.`);
  }
  return kind === 'folder';
}
