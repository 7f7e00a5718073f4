import type { JsonWebKey } from 'node:crypto';
import { renameSync, rmSync } from 'node:fs';
import { dirname } from 'node:path';
import { type Algorithm, createSigningKey, importSigningKey, type SigningKey } from '@sorcha/register';
import { CliError } from '../cli-error.ts';
import { hasErrorCode, withFolderErrors } from './folder-error.ts';
import { syncFolder, writeDurably } from './place-file.ts';
import { readTextFile } from './read-text-file.ts';

/** The format of `wallet.json`. */
export const WALLET_FORMAT = 'sorcha/wallet/v1';

const NOTE =
  'Development keys that sign test transactions. They are not encrypted: never use them for anything of value.';

interface WalletKey {
  readonly algorithm: string;
  readonly address: string;
  /** The private key as a JSON Web Key (RFC 7517). */
  readonly jwk: JsonWebKey;
}

interface WalletFile {
  readonly format: string;
  readonly note: string;
  readonly keys: readonly WalletKey[];
}

/** The text of a wallet without keys. */
export function createWalletText(): string {
  return toText([]);
}

/**
 * Returns the first `count` sender keys of an algorithm, in a stable order. Missing ones are created and made durable
 * first. `DAMAGED_FOLDER` when the file cannot be understood.
 */
export async function takeWalletKeys(file: string, algorithm: Algorithm, count: number): Promise<SigningKey[]> {
  const stored = readWallet(file);
  const keys = stored
    .filter((key) => key.algorithm === algorithm)
    .slice(0, count)
    .map((key) => importKey(file, key));
  const created = await Promise.all(Array.from({ length: count - keys.length }, () => createSigningKey(algorithm)));
  if (created.length > 0) {
    const added = created.map((key) => ({ algorithm, address: key.address, jwk: key.exportJwk() }));
    await withFolderErrors(dirname(file), () => replaceFile(file, toText([...stored, ...added])));
  }
  return [...keys, ...created];
}

function readWallet(file: string): readonly WalletKey[] {
  let wallet: unknown;
  try {
    wallet = JSON.parse(readTextFile(file) ?? '');
  } catch (cause) {
    if (hasErrorCode(cause, 'ENOENT')) {
      return [];
    }
    throw damaged(file, 'cannot be read', cause);
  }
  if (!isWalletFile(wallet)) {
    throw damaged(file, `is not a "${WALLET_FORMAT}" file`);
  }
  return wallet.keys;
}

function isWalletFile(value: unknown): value is WalletFile {
  return (
    typeof value === 'object' &&
    value !== null &&
    'format' in value &&
    value.format === WALLET_FORMAT &&
    'keys' in value &&
    Array.isArray(value.keys) &&
    value.keys.every(isWalletKey)
  );
}

function isWalletKey(value: unknown): value is WalletKey {
  return (
    typeof value === 'object' &&
    value !== null &&
    'algorithm' in value &&
    'jwk' in value &&
    typeof value.jwk === 'object' &&
    value.jwk !== null
  );
}

function importKey(file: string, key: WalletKey): SigningKey {
  try {
    const imported = importSigningKey(key.jwk);
    if (imported.algorithm === key.algorithm && imported.address === key.address) {
      return imported;
    }
  } catch (cause) {
    throw damaged(file, `holds a broken ${key.algorithm} key`, cause);
  }
  throw damaged(file, `holds a ${key.algorithm} key that is not the one of its address`);
}

const damaged = (file: string, problem: string, cause?: unknown) =>
  new CliError(
    'DAMAGED_FOLDER',
    `"${file}" ${problem}. Restore it, or delete it: it holds development keys only, and new ones are made when it is missing.`,
    { cause },
  );

const toText = (keys: readonly WalletKey[]) =>
  `${JSON.stringify({ format: WALLET_FORMAT, note: NOTE, keys } satisfies WalletFile, null, 2)}\n`;

function replaceFile(file: string, text: string): void {
  const temporary = `${file}.${process.pid}.tmp`;
  try {
    writeDurably(temporary, text, 0o600);
    renameSync(temporary, file);
  } finally {
    rmSync(temporary, { force: true });
  }
  syncFolder(dirname(file));
}
