import { join } from 'node:path';
import { RegisterError } from '@sorcha/register';
import type { DataFolder } from '../data-folder/open-data-folder.ts';
import { requireOwnDescription } from '../data-folder/read-node-identity.ts';

/**
 * Runs work that reads the anchored head of a register; a head that is refused is told with the files to look at.
 *
 * @throws CliError `DAMAGED_FOLDER` when it is refused because `sorcha.json` names another node than the key.
 */
export async function withAnchorAdvice<T>(
  { layout, node }: DataFolder,
  registerId: string,
  work: () => Promise<T>,
): Promise<T> {
  try {
    return await work();
  } catch (cause) {
    if (!(cause instanceof RegisterError && cause.code === 'ANCHOR_INVALID')) {
      throw cause;
    }
    requireOwnDescription(layout, node);
    const folder = join(layout.anchors, registerId);
    const advice = `It lies in "${folder}", and "${layout.description}" names the node: restore from a backup whichever was changed. Without a backup of the head, move that folder away, and see "sorcha adopt".`;
    throw new RegisterError(cause.code, `${cause.message} ${advice}`, { cause });
  }
}
