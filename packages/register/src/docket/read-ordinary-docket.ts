import { isAscii } from 'node:buffer';
import { parseAddress } from './address.ts';
import { ALGORITHMS, isAlgorithm } from './algorithm.ts';
import { DOCKET_RECORD_FORMAT, toDocketHash } from './docket.ts';
import type { DocketOutline, TransactionOutline } from './docket-outline.ts';
import { LIMITS } from './limits.ts';
import { isRegisterId } from './register-id.ts';
import { sha256Hex } from './sha256.ts';
import { toSignedBytes } from './transaction.ts';
import { parseUtf8 } from './utf8.ts';

const LINE_FEED = 0x0a;

// No part of these patterns can match where another could go on, so that no text makes them try again and again.
const TEXT = String.raw`"[^"\\\x00-\x1f]*"`;
const PLAIN = String.raw`(?:${TEXT}|-?(?:0|[1-9]\d{0,14})(?:\.\d{1,16})?|true|false|null)`;
const FLAT = String.raw`\{(?:${TEXT}:${PLAIN}(?:,${TEXT}:${PLAIN})*)?\}`;
const ANY = `(?:${PLAIN}|${FLAT})`;
const HASH = '[0-9a-f]{64}';
const WHOLE = String.raw`(?:0|[1-9]\d{0,15})`;
const ADDRESS = 'ws1[02-9ac-hj-np-z]{59}';
/** Base64url of bytes whose last character has two bits, or four, that say nothing and must be 0. */
const KEY = '[A-Za-z0-9_-]{42,682}[AEIMQUYcgkosw048]';
const SIGNATURE = '(?:[A-Za-z0-9_-]{85}[AQgw]|[A-Za-z0-9_-]{682}[AEIMQUYcgkosw048])';

const HEAD = new RegExp(
  String.raw`${DOCKET_RECORD_FORMAT}\n(${HASH})\n(\{"height":(${WHOLE}),"previousHash":"(${HASH})","registerId":"([a-z0-9-]{1,63})","timestamp":(${WHOLE}),"transactionCount":([1-9]\d{0,4}),"transactionsRoot":"(${HASH})"\})\n`,
  'y',
);
const TRANSACTION = new RegExp(
  String.raw`(${SIGNATURE}) \{"metadata":(${FLAT}),"payloads":(\[(?:${ANY}(?:,${ANY})*)?\]),"previousTransactionId":(?:null|"${HASH}"),"recipients":\[((?:"${ADDRESS}"(?:,"${ADDRESS}")*)?)\],"registerId":"([a-z0-9-]{1,63})","sender":"(${ADDRESS})","signer":\{"algorithm":"([a-z0-9-]{5,8})","publicKey":"(${KEY})"\},"timestamp":(${WHOLE})\}\n`,
  'y',
);

/**
 * Reads a docket record in the form in which this software writes one: canonical JSON, whose metadata and payloads are not nested
 * and need no escapes. `undefined` for every other record, be it good or bad: what is read here is what `parseDocketRecord`
 * reads, in a fraction of the time.
 */
export function readOrdinaryDocket(record: Uint8Array): DocketOutline | undefined {
  if (record.length > LIMITS.docketBytes) return undefined;
  const bytes = Buffer.from(record.buffer, record.byteOffset, record.length);
  const text = isAscii(bytes) ? bytes.toString('latin1') : parseUtf8(bytes);
  if (text === undefined) return undefined;
  HEAD.lastIndex = 0;
  const head = HEAD.exec(text);
  if (head === null) return undefined;
  const [all, claimedHash = '', headerText = '', height, previousHash = '', registerId = '', timestamp, count] = head;
  const header = {
    registerId,
    height: Number(height),
    previousHash,
    timestamp: Number(timestamp),
    transactionCount: Number(count),
    transactionsRoot: head[8] ?? '',
  };
  if (!areWhole(header.height, header.timestamp) || !isRegisterId(registerId)) return undefined;
  if (header.transactionCount > LIMITS.transactionsPerDocket) return undefined;
  const headerEnd = all.length - 1;
  const hash = toDocketHash(bytes.subarray(headerEnd - headerText.length, headerEnd));
  const transactions = readTransactions(text, bytes, all.length);
  return transactions === undefined ? undefined : { header, hash, claimedHash, transactions };
}

function readTransactions(text: string, bytes: Buffer, start: number): TransactionOutline[] | undefined {
  const transactions: TransactionOutline[] = [];
  TRANSACTION.lastIndex = start;
  for (let at = start; at < bytes.length; ) {
    const end = bytes.indexOf(LINE_FEED, at);
    const match = TRANSACTION.exec(text);
    const transaction = match === null ? undefined : readTransaction(match, bytes.subarray(at, end));
    if (transaction === undefined || transactions.length === LIMITS.transactionsPerDocket) return undefined;
    transactions.push(transaction);
    at = end + 1;
  }
  return transactions;
}

function readTransaction(match: RegExpExecArray, record: Buffer): TransactionOutline | undefined {
  const [, signature = '', metadata = '', payloads = '', recipients = '', registerId = '', sender = ''] = match;
  const algorithm = match[7];
  const publicKey = match[8] ?? '';
  if (!isAlgorithm(algorithm) || !areWhole(Number(match[9])) || !isRegisterId(registerId)) return undefined;
  const { publicKeyBytes, signatureBytes } = ALGORITHMS[algorithm];
  if (publicKey.length !== toLength(publicKeyBytes) || signature.length !== toLength(signatureBytes)) return undefined;
  if (record.length > LIMITS.transactionBytes || !areAddresses(recipients) || !isAddress(sender)) return undefined;
  if (!hasOrdinaryNames(metadata) || !hasOrdinaryNames(payloads) || mayBeTooMany(payloads)) return undefined;
  const signedBytes = toSignedBytes(record.subarray(signature.length + 1));
  return { id: sha256Hex(signedBytes), registerId, sender, algorithm, publicKey, signature, record, signedBytes };
}

function areWhole(...numbers: number[]): boolean {
  return numbers.every((number) => number <= Number.MAX_SAFE_INTEGER);
}

/** Characters of base64url for so many bytes. */
function toLength(bytes: number): number {
  return Math.ceil((bytes * 4) / 3);
}

function isAddress(text: string): boolean {
  return parseAddress(text).problem === undefined;
}

/** True for a list of quoted addresses with commas, within the limits and without repeats. */
function areAddresses(list: string): boolean {
  if (list === '') return true;
  const addresses = list.slice(1, -1).split('","');
  const isShort = addresses.length <= LIMITS.recipients && new Set(addresses).size === addresses.length;
  return isShort && addresses.every(isAddress);
}

/** There is a comma between any two payloads, but also elsewhere. */
function mayBeTooMany(payloads: string): boolean {
  return payloads.length > LIMITS.payloads && payloads.split(',', LIMITS.payloads + 1).length > LIMITS.payloads;
}

/**
 * True when the names of each object in the text, which has no escapes, are in the order of canonical JSON: so none is there twice.
 * Between the quotes of strings nothing counts, so these are walked from one to the next.
 */
function hasOrdinaryNames(text: string): boolean {
  if (text.includes('"__proto__"')) return false;
  // Nothing has a second member.
  if (!text.includes(',"')) return true;
  let last: string | undefined;
  let before = 0;
  for (let start = text.indexOf('"'); start !== -1; start = text.indexOf('"', before)) {
    const end = text.indexOf('"', start + 1);
    if (text.charAt(end + 1) === ':') {
      const name = text.slice(start + 1, end);
      if (text.charAt(start - 1) !== '{' && last !== undefined && name <= last) return false;
      last = name;
    }
    before = end + 1;
  }
  return true;
}
