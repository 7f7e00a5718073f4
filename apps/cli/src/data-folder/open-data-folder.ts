import {
  type AnchorStore,
  type ColdSource,
  openFileAnchorStore,
  parsePublicKey,
  type TrustedNode,
} from '@sorcha/register';
import { type Clock, systemClock } from '@sorcha/storage';
import { CliError } from '../cli-error.ts';
import type { GuardedStore } from './create-guarded-store.ts';
import { findLosses, isLostFile } from './find-losses.ts';
import { type FolderDescription, readFolderDescription } from './folder-description.ts';
import { type FolderLayout, toFolderLayout } from './folder-layout.ts';
import { openCold } from './open-cold.ts';

/** A data folder with its stores open. */
export interface DataFolder {
  readonly layout: FolderLayout;
  readonly description: FolderDescription;
  /** Whose anchored heads are trusted. */
  readonly node: TrustedNode;
  /** Takes nothing until it was opened for writing. */
  readonly cold: GuardedStore;
  /** How threads open that store for reading; `undefined` when it is lost. */
  readonly source: ColdSource | undefined;
  readonly anchors: AnchorStore;
  /** What of the folder a register, or else every one, needs and is lost, see `findLosses`. */
  readonly losses: (registerId?: string) => string[];
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
 * Opens a data folder and its stores. That writes nothing, works where nothing can be written, and needs no private key. Errors
 * as `readDataFolder` and of the stores.
 */
export async function openDataFolder(folder: string, clock: Clock = systemClock): Promise<DataFolder> {
  const { layout, description } = readDataFolder(folder);
  const node = toTrusted(layout, description);
  const anchors = openFileAnchorStore({ folder: layout.anchors });
  const cold = await openCold(layout.coldFile, clock);
  const losses = (registerId?: string) => findLosses(layout, description, registerId);
  const source = isLostFile(layout.coldFile) ? undefined : toSource(layout.coldFile);
  return { layout, description, node, cold, source, anchors, losses, close: async () => cold.close() };
}

function toSource(file: string): ColdSource {
  const options = { file, readOnly: true };
  return { module: import.meta.resolve('@sorcha/storage-sql'), name: 'openSqliteWormStore', options };
}

/** Whose anchored heads are trusted. `DAMAGED_FOLDER` when the description does not hold a sound key. */
export function toTrusted(layout: FolderLayout, description: FolderDescription): TrustedNode {
  const key = parsePublicKey('ed25519', Buffer.from(description.nodePublicKey, 'base64url'));
  if (key.problem !== undefined) {
    throw new CliError(
      'DAMAGED_FOLDER',
      `The nodePublicKey in "${layout.description}" is refused: ${key.problem.detail}. Restore the file from a copy.`,
    );
  }
  return { name: description.node, publicKey: key.value };
}
