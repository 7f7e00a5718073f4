import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import {
  type AnchorStore,
  docketWorm,
  isRegisterId,
  type NodeIdentity,
  openFileAnchorStore,
  parseNodeIdentity,
  parsePublicKey,
  type TrustedNode,
} from '@sorcha/register';
import { type Clock, StorageError, systemClock, type WormStore } from '@sorcha/storage';
import { createMemoryWormStore } from '@sorcha/storage/memory';
import { openSqliteWormStore } from '@sorcha/storage-sql';
import { CliError } from '../cli-error.ts';
import { type FolderDescription, readFolderDescription } from './folder-description.ts';
import { hasErrorCode } from './folder-error.ts';
import { type FolderLayout, toFolderLayout } from './folder-layout.ts';

/** A data folder with its stores open. */
export interface DataFolder {
  readonly layout: FolderLayout;
  readonly description: FolderDescription;
  /** Whose anchored heads are trusted. */
  readonly node: TrustedNode;
  readonly cold: WormStore<string>;
  readonly anchors: AnchorStore;
  close(): Promise<void>;
}

/**
 * Reads what a data folder is, without opening its stores. `NO_DATA_FOLDER` when there is none, `UNFINISHED_FOLDER` when its
 * creation was interrupted; other errors as `readFolderDescription`.
 */
export function readDataFolder(folder: string): { layout: FolderLayout; description: FolderDescription } {
  const layout = toFolderLayout(folder);
  const description = readFolderDescription(layout);
  if (description === undefined) {
    throw new CliError(
      'NO_DATA_FOLDER',
      `There is no data folder at "${folder}". Create one with "sorcha init" or "sorcha seed", or name another with --data.`,
    );
  }
  if (description === 'unfinished') {
    throw new CliError(
      'UNFINISHED_FOLDER',
      `The creation of "${folder}" was interrupted; finish it with "sorcha init".`,
    );
  }
  return { layout, description };
}

/**
 * Opens a data folder and its stores. Read-only opening writes nothing, works where nothing can be written, and needs no
 * private key. Errors as `readDataFolder` and of the stores.
 */
export async function openDataFolder(
  folder: string,
  options: { readonly isReadOnly: boolean; readonly clock?: Clock },
): Promise<DataFolder> {
  const { isReadOnly, clock = systemClock } = options;
  const { layout, description } = readDataFolder(folder);
  const node = toTrusted(layout, description);
  const anchors = openFileAnchorStore({ folder: layout.anchors });
  const cold = await openCold(layout.coldFile, { isReadOnly, anchors, layout, clock });
  return { layout, description, node, cold, anchors, close: async () => cold.close() };
}

function toTrusted(layout: FolderLayout, description: FolderDescription): TrustedNode {
  const key = parsePublicKey('ed25519', Buffer.from(description.nodePublicKey, 'base64url'));
  if (key.problem !== undefined) {
    throw new CliError(
      'DAMAGED_FOLDER',
      `The nodePublicKey in "${layout.description}" is refused: ${key.problem.detail}. Restore the file from a copy.`,
    );
  }
  return { name: description.node, publicKey: key.value };
}

/**
 * Reads the node's key. `DAMAGED_FOLDER` when it is missing or damaged, or another than `expected`: nobody would trust what it
 * signs. `FOLDER_UNREADABLE` when this user may not read it.
 */
export function readNodeIdentity({ nodeKey }: FolderLayout, expected?: TrustedNode): NodeIdentity {
  const advice = 'restore it from a backup, because the anchored heads are signed with it';
  let identity: NodeIdentity;
  try {
    identity = parseNodeIdentity(readFileSync(nodeKey, 'utf8'));
  } catch (cause) {
    if (hasErrorCode(cause, 'EACCES')) {
      throw new CliError('FOLDER_UNREADABLE', `This user may not read the node's key "${nodeKey}", which must sign.`, {
        cause,
      });
    }
    throw new CliError('DAMAGED_FOLDER', `The node's key "${nodeKey}" cannot be read; ${advice}.`, { cause });
  }
  if (expected !== undefined && identity.key.address !== expected.publicKey.address) {
    throw new CliError('DAMAGED_FOLDER', `"${nodeKey}" is not the key of this data folder; ${advice}.`);
  }
  return identity;
}

/**
 * A cold store whose file is gone is read as an empty one, so that what is missing is reported like any other damage. It is
 * made anew only if nothing was ever sealed.
 */
async function openCold(
  file: string,
  options: { isReadOnly: boolean; anchors: AnchorStore; layout: FolderLayout; clock: Clock },
) {
  const { isReadOnly, clock } = options;
  const isGone = (statSync(file, { throwIfNoEntry: false })?.size ?? 0) === 0;
  if (isGone && (isReadOnly || (await isAnySealed(options)))) {
    return openMissingCold(file, clock);
  }
  return openSqliteWormStore({ file, definition: docketWorm, clock, readOnly: isReadOnly });
}

async function isAnySealed({ layout, anchors }: { layout: FolderLayout; anchors: AnchorStore }): Promise<boolean> {
  const states = await Promise.all(listAnchored(layout).map(async (registerId) => anchors.read(registerId)));
  return states.some(({ note }) => note !== undefined);
}

function openMissingCold(coldFile: string, clock: Clock): WormStore<string> {
  const refuse = async (): Promise<never> => {
    throw new StorageError('UNAVAILABLE', `The write-once store "${coldFile}" is missing; restore it from a backup.`);
  };
  return { ...createMemoryWormStore(docketWorm, { clock }), append: refuse, appendBatch: refuse };
}

/** The registers of a data folder: the one it was created with, and all that have a docket or an anchored head. */
export async function listRegisters({ layout, description, cold }: DataFolder): Promise<string[]> {
  return [...new Set([description.register, ...(await cold.streams()), ...listAnchored(layout)])].sort();
}

function listAnchored({ anchors }: FolderLayout): string[] {
  return existsSync(anchors) ? readdirSync(anchors).filter((name) => isRegisterId(name)) : [];
}

/** The named register, or else the one that the folder was created with. `UNKNOWN_REGISTER` unless the folder has it. */
export async function chooseRegister(data: DataFolder, registerId: string | undefined): Promise<string> {
  const { layout, description } = data;
  const chosen = registerId ?? description.register;
  const registers = await listRegisters(data);
  if (!registers.includes(chosen)) {
    throw new CliError(
      'UNKNOWN_REGISTER',
      `"${layout.folder}" has no register "${chosen}"; it has ${registers.join(', ')}. "sorcha seed --register ${chosen}" starts it.`,
    );
  }
  return chosen;
}
