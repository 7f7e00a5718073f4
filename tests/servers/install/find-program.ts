import { accessSync, constants, globSync } from 'node:fs';
import { delimiter, join } from 'node:path';

/**
 * Finds a program on `PATH`, else in the first of the folders that has it, newest version first.
 *
 * @param folders patterns; Debian has a folder per version for programs that exist in several
 */
export function findProgram(name: string, folders: readonly string[] = []): string | undefined {
  const versioned = folders
    .flatMap((pattern) => globSync(pattern))
    .sort((left, right) => right.localeCompare(left, 'en', { numeric: true }));
  return [...(process.env['PATH'] ?? '').split(delimiter), ...versioned]
    .filter((folder) => folder !== '')
    .map((folder) => join(folder, name))
    .find((path) => isExecutable(path));
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
