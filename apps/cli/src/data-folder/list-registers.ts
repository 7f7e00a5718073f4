import { readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { isRegisterId } from '@sorcha/register';
import { StorageError } from '@sorcha/storage';
import { CliError } from '../cli-error.ts';
import { hasErrorCode } from './folder-error.ts';
import type { DataFolder } from './open-data-folder.ts';

/** The registers of a data folder: the one it was created with, and all that have a record or an anchored head. */
export async function listRegisters(data: DataFolder): Promise<string[]> {
  const streams = await listStreams(data);
  return toSorted([data.description.register, ...streams.filter(isRegisterId), ...(await listAnchored(data))]);
}

/** The names under which cold storage holds records and which no register can have: whoever wrote them is no writer of ours. */
export async function listForeignStreams(data: DataFolder): Promise<string[]> {
  return toSorted((await listStreams(data)).filter((name) => !isRegisterId(name)));
}

/** The named register, or else the one that the folder was created with. `UNKNOWN_REGISTER` unless the folder has it. */
export async function chooseRegister(data: DataFolder, registerId: string | undefined): Promise<string> {
  const { layout, description } = data;
  const chosen = registerId ?? description.register;
  if (chosen === description.register) {
    return chosen;
  }
  const registers = await listRegisters(data);
  if (!registers.includes(chosen)) {
    throw new CliError(
      'UNKNOWN_REGISTER',
      `"${layout.folder}" has no register "${chosen}"; it has ${registers.join(', ')}. "sorcha seed --register ${chosen}" starts it.`,
    );
  }
  return chosen;
}

const toSorted = (names: readonly string[]) => [...new Set(names)].sort();

/** A store whose streams cannot be listed still has those that are anchored; what is damaged shows when they are read. */
async function listStreams({ cold }: DataFolder): Promise<string[]> {
  try {
    return await cold.streams();
  } catch (error) {
    if (error instanceof StorageError && error.code === 'CORRUPTED') {
      return [];
    }
    throw error;
  }
}

/** A folder without a head is no register: anybody can make one, and an interrupted start leaves one. */
async function listAnchored({ layout, anchors }: DataFolder): Promise<string[]> {
  const names = listNames(layout.anchors).filter(
    (name) => isRegisterId(name) && statSync(join(layout.anchors, name), { throwIfNoEntry: false })?.isDirectory(),
  );
  const states = await Promise.all(names.map(async (name) => anchors.read(name)));
  return names.filter((_, index) => states[index]?.note !== undefined);
}

function listNames(folder: string): string[] {
  try {
    return readdirSync(folder);
  } catch (error) {
    if (hasErrorCode(error, 'ENOENT')) {
      return [];
    }
    throw error;
  }
}
