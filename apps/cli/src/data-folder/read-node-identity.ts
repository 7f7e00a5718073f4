import { readFileSync } from 'node:fs';
import { type NodeIdentity, parseNodeIdentity, type TrustedNode } from '@sorcha/register';
import { CliError } from '../cli-error.ts';
import { hasErrorCode } from './folder-error.ts';
import type { FolderLayout } from './folder-layout.ts';

/**
 * Reads the node's key. `DAMAGED_FOLDER` when it is missing or damaged, or has another name or key than `expected`: nobody
 * would trust what it signs. `FOLDER_UNREADABLE` when this user may not read it.
 */
export function readNodeIdentity({ nodeKey, description }: FolderLayout, expected?: TrustedNode): NodeIdentity {
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
  const difference = expected === undefined ? undefined : findDifference(identity, expected);
  if (difference !== undefined) {
    throw new CliError(
      'DAMAGED_FOLDER',
      `"${nodeKey}" and "${description}" do not belong together: ${difference}. Restore the one that was changed from a backup.`,
    );
  }
  return identity;
}

function findDifference({ name, key }: NodeIdentity, expected: TrustedNode): string | undefined {
  if (key.address !== expected.publicKey.address) {
    return 'the key is not that of the node';
  }
  return name === expected.name
    ? undefined
    : `they name the node ${JSON.stringify(name)} and ${JSON.stringify(expected.name)}`;
}
