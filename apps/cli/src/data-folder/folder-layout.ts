import { join } from 'node:path';

/** The version of the layout that this program writes and reads; it stands in `sorcha.json`. */
export const FOLDER_FORMAT = 'sorcha/data-folder/v1';

/** Where everything in a data folder lies. */
export interface FolderLayout {
  readonly folder: string;
  /** Says what the folder is; written last, so a folder that has it is complete. */
  readonly description: string;
  /** Stands while the folder is being created. */
  readonly unfinished: string;
  /** The node's signing key: what new heads are signed with. */
  readonly nodeKey: string;
  /** Development keys of transaction senders. */
  readonly wallet: string;
  readonly cold: string;
  /** The write-once store. */
  readonly coldFile: string;
  /** The anchored heads, outside cold storage. */
  readonly anchors: string;
  /** Stands in a folder that `tamper` copied. */
  readonly tampered: string;
}

/** The paths in a data folder. */
export function toFolderLayout(folder: string): FolderLayout {
  return {
    folder,
    description: join(folder, 'sorcha.json'),
    unfinished: join(folder, '.unfinished'),
    nodeKey: join(folder, 'node.key.json'),
    wallet: join(folder, 'wallet.json'),
    cold: join(folder, 'cold'),
    coldFile: join(folder, 'cold', 'cold.sqlite'),
    anchors: join(folder, 'anchors'),
    tampered: join(folder, 'TAMPERED.txt'),
  };
}
