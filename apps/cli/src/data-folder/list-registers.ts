import { readdirSync } from 'node:fs';
import { type AnchorStore, isRegisterId, RegisterError } from '@sorcha/register';
import { StorageError } from '@sorcha/storage';
import { CliError } from '../cli-error.ts';
import { isAnchorFolder } from './find-losses.ts';
import type { DataFolder } from './open-data-folder.ts';

/** The registers of a data folder: the one it was created with, and all that have a record or an anchored head. */
export async function listRegisters(data: DataFolder): Promise<string[]> {
  const { streams } = await listStreams(data);
  return toSorted([data.description.register, ...streams.filter(isRegisterId), ...(await listAnchored(data))]);
}

/** The names under which cold storage holds records and which no register can have: whoever wrote them is no writer of ours. */
export async function listForeignStreams(data: DataFolder): Promise<string[]> {
  const { streams } = await listStreams(data);
  return toSorted(streams.filter((name) => !isRegisterId(name)));
}

/**
 * The named register, or else the one that the folder was created with. `UNKNOWN_REGISTER` unless the folder has it, `CORRUPTED`
 * when it shows no trace of it and lost where one could be.
 */
export async function chooseRegister(data: DataFolder, registerId: string | undefined): Promise<string> {
  const { layout, description } = data;
  const chosen = registerId ?? description.register;
  if (chosen === description.register) {
    return chosen;
  }
  const registers = await listRegisters(data);
  if (!registers.includes(chosen)) {
    const { problems } = await listStreams(data);
    const lost = [...data.losses(), ...problems];
    if (lost.length > 0) {
      const doubt = `Whether "${layout.folder}" had a register "${chosen}" is not known`;
      throw new RegisterError('CORRUPTED', `${doubt}: ${lost.join(' ')}`);
    }
    throw new CliError(
      'UNKNOWN_REGISTER',
      `"${layout.folder}" has no register "${chosen}"; it has ${registers.join(', ')}. "sorcha seed --register ${chosen}" starts it.`,
    );
  }
  return chosen;
}

const toSorted = (names: readonly string[]) => [...new Set(names)].sort();

/** A store whose streams cannot be listed still has those that are anchored; what is damaged shows when they are read. */
async function listStreams({ cold }: DataFolder): Promise<{ streams: readonly string[]; problems: readonly string[] }> {
  try {
    return { streams: await cold.streams(), problems: [] };
  } catch (error) {
    if (error instanceof StorageError && error.code === 'CORRUPTED') {
      return { streams: [], problems: [error.message] };
    }
    throw error;
  }
}

/** A folder without a head is no register: anybody can make one, and an interrupted start leaves one. */
async function listAnchored({ layout, anchors }: DataFolder): Promise<string[]> {
  if (!isAnchorFolder(layout.anchors)) {
    return [];
  }
  const entries = readdirSync(layout.anchors, { withFileTypes: true });
  const names = entries.filter((entry) => isRegisterId(entry.name) && !entry.isFile()).map(({ name }) => name);
  const found = await Promise.all(names.map(async (name) => hasHead(anchors, name)));
  return names.filter((_, index) => found[index]);
}

/** What cannot be read may be a head: it makes this register unverifiable, and no other. */
async function hasHead(anchors: AnchorStore, registerId: string): Promise<boolean> {
  try {
    return (await anchors.read(registerId)).note !== undefined;
  } catch (error) {
    if (error instanceof StorageError) {
      return true;
    }
    throw error;
  }
}
