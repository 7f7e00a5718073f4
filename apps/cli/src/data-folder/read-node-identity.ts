import { type NodeIdentity, parseNodeIdentity, type TrustedNode } from '@sorcha/register';
import { CliError } from '../cli-error.ts';
import { hasErrorCode } from './folder-error.ts';
import type { FolderLayout } from './folder-layout.ts';
import { readTextFile } from './read-text-file.ts';

/**
 * Reads the node's key. `DAMAGED_FOLDER` when it is missing or damaged, or has another name or key than `expected`: nobody
 * would trust what it signs. `FOLDER_UNREADABLE` when this user may not read it.
 */
export function readNodeIdentity(layout: FolderLayout, expected?: TrustedNode): NodeIdentity {
  const { nodeKey } = layout;
  const advice = 'restore it from a backup, because the anchored heads are signed with it';
  let identity: NodeIdentity;
  try {
    identity = parseNodeIdentity(readTextFile(nodeKey) ?? '');
  } catch (cause) {
    if (hasErrorCode(cause, 'EACCES')) {
      throw new CliError('FOLDER_UNREADABLE', `This user may not read the node's key "${nodeKey}", which must sign.`, {
        cause,
      });
    }
    throw new CliError('DAMAGED_FOLDER', `The node's key "${nodeKey}" cannot be read; ${advice}.`, { cause });
  }
  if (expected !== undefined) {
    requireSame(layout, identity, expected);
  }
  return identity;
}

/** `DAMAGED_FOLDER` when the node's key can be read and has another name or key than `expected`: no head can be judged then. */
export function requireOwnDescription(layout: FolderLayout, expected: TrustedNode): void {
  let identity: NodeIdentity;
  try {
    identity = readNodeIdentity(layout);
  } catch (error) {
    if (error instanceof CliError) {
      return;
    }
    throw error;
  }
  requireSame(layout, identity, expected);
}

function requireSame({ nodeKey, description }: FolderLayout, identity: NodeIdentity, expected: TrustedNode): void {
  const difference = findDifference(identity, expected);
  if (difference !== undefined) {
    throw new CliError(
      'DAMAGED_FOLDER',
      `"${nodeKey}" and "${description}" do not belong together: ${difference}. Restore the one that was changed from a backup.`,
    );
  }
}

function findDifference({ name, key }: NodeIdentity, expected: TrustedNode): string | undefined {
  if (key.address !== expected.publicKey.address) {
    return 'the key is not that of the node';
  }
  return name === expected.name
    ? undefined
    : `they name the node ${JSON.stringify(name)} and ${JSON.stringify(expected.name)}`;
}
