import { cpSync, existsSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, relative, resolve, sep } from 'node:path';
import { CliError } from '../cli-error.ts';
import { withFolderErrors } from '../data-folder/folder-error.ts';
import { type FolderLayout, toFolderLayout } from '../data-folder/folder-layout.ts';

/**
 * Checks where a damaged copy is to go. `USAGE` when the places overlap or the folder around the copy is absent, `TARGET_EXISTS` when something is there that
 * `copyDataFolder` did not make.
 */
export function checkCopyTarget(from: string, to: string): FolderLayout {
  const target = toFolderLayout(resolve(to));
  if (isInside(target.folder, from) || isInside(from, target.folder)) {
    throw new CliError('USAGE', `--copy "${to}" lies inside the data folder or holds it; choose a folder beside it.`);
  }
  if (existsSync(target.folder) && !existsSync(target.tampered)) {
    throw new CliError(
      'TARGET_EXISTS',
      `"${target.folder}" exists and is no tampered copy; choose another --copy folder.`,
    );
  }
  if (!existsSync(dirname(target.folder))) {
    throw new CliError(
      'USAGE',
      `There is no folder "${dirname(target.folder)}" for the copy; create it, or choose another --copy folder.`,
    );
  }
  return target;
}

/** Copies a data folder to a checked place. An earlier copy there is replaced; `note` says in it what was done. */
export async function copyDataFolder(from: string, target: FolderLayout, note: string): Promise<void> {
  await withFolderErrors(target.folder, () => {
    rmSync(target.folder, { recursive: true, force: true });
    mkdirSync(target.folder);
    // The mark comes first, so that a copy that was interrupted can be replaced as well.
    writeFileSync(
      target.tampered,
      `This folder is a damaged copy, made by "sorcha tamper". It can be deleted at any time.\n\n${note}\n`,
    );
    cpSync(from, target.folder, { recursive: true });
  });
}

function isInside(path: string, folder: string): boolean {
  const way = relative(folder, path);
  return way === '' || !(way === '..' || way.startsWith(`..${sep}`) || resolve(way) === way);
}
