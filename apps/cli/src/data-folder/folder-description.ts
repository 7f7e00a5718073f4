import { readdirSync, statSync } from 'node:fs';
import { basename } from 'node:path';
import { isRegisterId } from '@sorcha/register';
import { CliError } from '../cli-error.ts';
import { hasErrorCode } from './folder-error.ts';
import { FOLDER_FORMAT, type FolderLayout } from './folder-layout.ts';
import { TEMPORARY_NAME } from './place-file.ts';
import { readTextFile } from './read-text-file.ts';

/** What `sorcha.json` says about a data folder. */
export interface FolderDescription {
  readonly format: typeof FOLDER_FORMAT;
  /** When the folder was created, ISO 8601 in UTC. */
  readonly createdAt: string;
  /** The name of the node, part of every anchored head. */
  readonly node: string;
  /** The Ed25519 public key that the anchored heads are signed with: 32 bytes in base64url. */
  readonly nodePublicKey: string;
  /** The register that the folder was created with; it exists even while it is empty. */
  readonly register: string;
}

/** The text of `sorcha.json`. */
export function toDescriptionText(description: FolderDescription): string {
  return `${JSON.stringify(description, null, 2)}\n`;
}

/**
 * Reads what a folder is; `undefined` when it does not exist or is empty, `'unfinished'` when its creation was interrupted.
 * `FOREIGN_FOLDER` when it is a file or holds something else, `INCOMPATIBLE_FOLDER` when it is of another format version,
 * `DAMAGED_FOLDER` when its description is missing or cannot be understood, `FOLDER_UNREADABLE` when it cannot be read.
 */
export function readFolderDescription(layout: FolderLayout): FolderDescription | 'unfinished' | undefined {
  const { folder, description, unfinished, nodeKey, cold, anchors } = layout;
  const names = listNames(folder);
  if (names.includes(basename(description))) {
    return parseDescription(description);
  }
  if (names.includes(basename(unfinished))) {
    return 'unfinished';
  }
  if ([nodeKey, cold, anchors].filter((part) => names.includes(basename(part))).length > 1) {
    throw new CliError(
      'DAMAGED_FOLDER',
      `"${description}" is missing, although other parts of a data folder are there: restore it from a backup, or write it anew as docs/data-folder.md explains.`,
    );
  }
  const foreign = names.find((name) => !TEMPORARY_NAME.test(name));
  if (foreign !== undefined) {
    throw new CliError(
      'FOREIGN_FOLDER',
      `"${folder}" is not a data folder of sorcha: it holds "${foreign}" and no ${basename(description)}. Choose another --data folder.`,
    );
  }
  return undefined;
}

function listNames(folder: string): string[] {
  try {
    return readdirSync(folder);
  } catch (cause) {
    if (hasErrorCode(cause, 'ENOENT')) {
      return [];
    }
    if (hasErrorCode(cause, 'ENOTDIR') && statSync(folder, { throwIfNoEntry: false })?.isFile()) {
      throw new CliError('FOREIGN_FOLDER', `"${folder}" is a file; --data must name a folder.`, { cause });
    }
    throw new CliError('FOREIGN_FOLDER', `"${folder}" cannot be read as a folder; choose another --data folder.`, {
      cause,
    });
  }
}

function parseDescription(path: string): FolderDescription {
  const parsed = parseJson(path, readText(path));
  if (typeof parsed !== 'object' || parsed === null || !('format' in parsed)) {
    throw new CliError('DAMAGED_FOLDER', `"${path}" does not name its format; restore it from a copy.`);
  }
  if (parsed.format !== FOLDER_FORMAT) {
    throw new CliError(
      'INCOMPATIBLE_FOLDER',
      `"${path}" is of format ${JSON.stringify(parsed.format)}; this program reads "${FOLDER_FORMAT}". Use the version of sorcha that wrote it, or choose another --data folder.`,
    );
  }
  if (!isDescription(parsed)) {
    throw new CliError(
      'DAMAGED_FOLDER',
      `"${path}" lacks createdAt, node, nodePublicKey or register; restore it from a copy.`,
    );
  }
  if (!isRegisterId(parsed.register)) {
    const problem = `names the register ${JSON.stringify(parsed.register)}, which is no register id`;
    throw new CliError('DAMAGED_FOLDER', `"${path}" ${problem}; restore it from a copy.`);
  }
  return parsed;
}

function readText(path: string): string {
  let text: string | undefined;
  try {
    text = readTextFile(path);
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new CliError('FOLDER_UNREADABLE', `"${path}" cannot be read (${reason}); check its permissions.`, { cause });
  }
  if (text === undefined) {
    throw new CliError('DAMAGED_FOLDER', `"${path}" is no file; restore it from a copy.`);
  }
  return text;
}

function parseJson(path: string, text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw new CliError('DAMAGED_FOLDER', `"${path}" is not JSON; restore it from a copy.`, { cause });
  }
}

const MEMBERS = ['createdAt', 'node', 'nodePublicKey', 'register'];

function isDescription(value: object): value is FolderDescription {
  const members = new Map(Object.entries(value));
  return MEMBERS.every((name) => typeof members.get(name) === 'string');
}
