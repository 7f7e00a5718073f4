import { randomBytes } from 'node:crypto';
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createNodeIdentity, docketWorm, toNodeIdentityText } from '@sorcha/register';
import type { Clock } from '@sorcha/storage';
import { openSqliteWormStore } from '@sorcha/storage-sql';
import { type FolderDescription, readFolderDescription, toDescriptionText } from './folder-description.ts';
import { withFolderErrors } from './folder-error.ts';
import { FOLDER_FORMAT, toFolderLayout } from './folder-layout.ts';
import { placeFile, placeFolder, syncFolder } from './place-file.ts';
import { readNodeIdentity } from './read-node-identity.ts';
import { createWalletText } from './wallet.ts';

/** The first register of a folder, unless another is named. */
export const DEFAULT_REGISTER = 'main';

/** What `createDataFolder` found, and so did. */
export type Creation = 'created' | 'finished' | 'existing';

/**
 * Creates a data folder, or finishes one whose creation was interrupted; leaves a complete one as it is. Every part is placed
 * whole and never over another, and `sorcha.json` last, so a kill at any point leaves what this function can finish.
 */
export async function createDataFolder(
  folder: string,
  options: { readonly register: string; readonly clock: Clock },
): Promise<Creation> {
  const layout = toFolderLayout(folder);
  const found = readFolderDescription(layout);
  if (found !== undefined && found !== 'unfinished') {
    return 'existing';
  }
  await withFolderErrors(layout.folder, async () => {
    mkdirSync(layout.folder, { recursive: true });
    writeFileSync(
      layout.unfinished,
      'The creation of this data folder is under way, or was interrupted: run "sorcha init".\n',
    );
    const node = `node-${randomBytes(4).toString('hex')}`;
    placeFile(layout.nodeKey, toNodeIdentityText(await createNodeIdentity(node)), 0o600);
    placeFile(layout.wallet, createWalletText(), 0o600);
    placeFolder(layout.cold);
    // The folder of the first register is evidence: where it is gone, so may be what was sealed. See `findLosses`.
    placeFolder(join(layout.anchors, options.register));
    const cold = await openSqliteWormStore({ file: layout.coldFile, definition: docketWorm, clock: options.clock });
    await cold.close();
    syncFolder(layout.cold);
    const identity = readNodeIdentity(layout);
    const description: FolderDescription = {
      format: FOLDER_FORMAT,
      createdAt: new Date(options.clock.now()).toISOString(),
      node: identity.name,
      nodePublicKey: Buffer.from(identity.key.publicKey.raw).toString('base64url'),
      register: options.register,
    };
    placeFile(layout.description, toDescriptionText(description), 0o644);
    rmSync(layout.unfinished, { force: true });
  });
  return found === undefined ? 'created' : 'finished';
}
