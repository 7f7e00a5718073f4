import { createHash } from 'node:crypto';
import type { PublicKey } from '../docket/public-key.ts';
import { RegisterError } from '../docket/register-error.ts';
import { isSignatureValid } from '../docket/signature.ts';
import type { SigningKey } from '../docket/signing-key.ts';

/** The head of a register: how many dockets it has, and what they hash to. */
export interface RegisterHead {
  /** Number of dockets, 1 or more. */
  readonly size: number;
  /** RFC 6962 root over the docket hashes (32 bytes); leaf i is the 32 bytes of the hash of docket i. */
  readonly root: Uint8Array;
}

const ED25519_NOTE_TYPE = 0x01;
const KEY_ID_BYTES = 4;
const NOTE =
  /^(?<origin>[^\n]+)\n(?<size>[1-9]\d{0,15})\n(?<root>[A-Za-z0-9+/]{43}=)\n\n\u2014 (?<key>[^ +\n]+) (?<signature>[A-Za-z0-9+/]+={0,2})\n$/u;

/**
 * Signs a head as a C2SP checkpoint (https://c2sp.org/tlog-checkpoint): a signed note of origin, size and base64 root. The
 * name of the key is the origin.
 *
 * @throws RegisterError `INVALID_KEY` when the key is not Ed25519.
 */
export function createCheckpoint(origin: string, head: RegisterHead, key: SigningKey): string {
  return signNote(`${origin}\n${head.size}\n${Buffer.from(head.root).toString('base64')}\n`, origin, key);
}

/**
 * Signs a text whose last character is a line feed as a C2SP signed note (https://c2sp.org/signed-note): the text, a blank
 * line, one Ed25519 signature line.
 *
 * @throws RegisterError `INVALID_KEY` when the key is not Ed25519.
 */
export function signNote(text: string, name: string, key: SigningKey): string {
  if (key.algorithm !== 'ed25519') {
    throw new RegisterError('INVALID_KEY', `Heads are signed with Ed25519, not ${key.algorithm}; use another key.`);
  }
  const signature = Buffer.concat([toKeyId(name, key.publicKey.raw), key.sign(Buffer.from(text))]);
  return `${text}\n\u2014 ${name} ${signature.toString('base64')}\n`;
}

const SIGNED_NOTE = /^(?<text>[^]*\n)\n\u2014 (?<name>[^ +\n]+) (?<signature>[A-Za-z0-9+/]+={0,2})\n$/u;

/** The text of a signed note with one signature, by this name and key; `undefined` for everything else. */
export function readNote(note: string, name: string, key: PublicKey): string | undefined {
  const { text, name: named, signature = '' } = SIGNED_NOTE.exec(note)?.groups ?? {};
  if (text === undefined || named !== name) return undefined;
  const signed = Buffer.from(signature, 'base64');
  const isOwn = signed.subarray(0, KEY_ID_BYTES).equals(toKeyId(name, key.raw));
  const isCanonical = signed.toString('base64') === signature;
  const isSigned = isSignatureValid(key, signed.subarray(KEY_ID_BYTES), Buffer.from(text));
  return isOwn && isCanonical && isSigned ? text : undefined;
}

/**
 * Reads a head and verifies its signature by `key`.
 *
 * @param place where the head lies, for the message of the error: a path, say
 * @throws RegisterError `ANCHOR_INVALID` when the text is no checkpoint, has another origin or is not signed by the key.
 */
export function parseCheckpoint(note: string, origin: string, key: PublicKey, place?: string): RegisterHead {
  const invalid = (reason: string) => toInvalid(origin, place, reason);
  const { origin: named, size, root, key: keyName, signature } = NOTE.exec(note)?.groups ?? {};
  if (named === undefined || root === undefined || signature === undefined) {
    throw invalid('it is not a checkpoint with one signature');
  }
  if (named !== origin || keyName !== origin) {
    throw invalid(`it speaks of "${named}"`);
  }
  if (!Number.isSafeInteger(Number(size))) {
    throw invalid(`its size ${size} is too large`);
  }
  const body = Buffer.from(note.slice(0, note.indexOf('\n\n') + 1));
  const signed = Buffer.from(signature, 'base64');
  const isOwn = signed.subarray(0, KEY_ID_BYTES).equals(toKeyId(origin, key.raw));
  const isCanonical =
    signed.toString('base64') === signature && Buffer.from(root, 'base64').toString('base64') === root;
  if (!isOwn || !isCanonical || !isSignatureValid(key, signed.subarray(KEY_ID_BYTES), body)) {
    throw invalid('it is not signed by the key of this node');
  }
  return { size: Number(size), root: Buffer.from(root, 'base64') };
}

/** The size that a head claims: enough to put heads in order, not to trust one. 0 when there is none to be read. */
export function readClaimedSize(note: string | undefined): number {
  const size = Number(NOTE.exec(note ?? '')?.groups?.['size'] ?? 0);
  return Number.isSafeInteger(size) ? size : 0;
}

/** The verifier key of a signed note, `<name>+<key id>+<base64 of type and key>`, for any tool that reads checkpoints. */
export function toVerifierKey(origin: string, key: PublicKey): string {
  const id = toKeyId(origin, key.raw).toString('hex');
  return `${origin}+${id}+${Buffer.from([ED25519_NOTE_TYPE, ...key.raw]).toString('base64')}`;
}

/** First four bytes of SHA-256(name, line feed, type, key), as the signed-note format has it. */
function toKeyId(name: string, rawKey: Uint8Array): Buffer {
  const hash = createHash('sha256')
    .update(`${name}\n`)
    .update(Uint8Array.of(ED25519_NOTE_TYPE))
    .update(rawKey)
    .digest();
  return hash.subarray(0, KEY_ID_BYTES);
}

function toInvalid(origin: string, place: string | undefined, reason: string): RegisterError {
  const where = place === undefined ? '' : ` in "${place}"`;
  const advice = 'restore the anchor from a backup or use the key that signed it';
  return new RegisterError(
    'ANCHOR_INVALID',
    `The anchored head of "${origin}"${where} is refused: ${reason}; ${advice}.`,
  );
}
