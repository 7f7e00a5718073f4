import { readNote, signNote } from '../anchor/checkpoint.ts';
import { ALGORITHM_NAMES } from '../docket/algorithm.ts';
import { createMerkleAccumulator } from '../docket/merkle-tree.ts';
import type { PublicKey } from '../docket/public-key.ts';
import { sha256 } from '../docket/sha256.ts';
import type { SigningKey } from '../docket/signing-key.ts';
import { type DocketColumns, HASH_BYTES, HASHES } from '../verification/docket-columns.ts';

const ROW_BYTES = HASHES * HASH_BYTES + 2 * Float64Array.BYTES_PER_ELEMENT;
const FORMAT = 'sorcha/receipt/v1';
/** To be raised whenever the rules of verification change: what was verified by others says nothing then. */
const RULES = 'rules 1';
/** What is verified about keys and signatures: also when an algorithm is added or refused, receipts are void. */
const KEYS = `keys ${ALGORITHM_NAMES.join(',')} canonical,not-small-order,cofactorless`;
const WHOLE = /^(?:0|[1-9]\d{0,15})$/u;
const END = Buffer.from('\n\n');

/** What a node has verified, every signature of it, and signed that it did. */
export interface Receipt {
  /** Milliseconds since 1970. */
  readonly verifiedAt: number;
  readonly expiresAt: number;
  /** All dockets from height 0, none of them damaged. */
  readonly columns: DocketColumns;
}

/** What became of the receipt at a start. */
export interface ReceiptUse {
  readonly use: 'none' | 'used' | 'ignored';
  readonly receipt?: Receipt;
  /** Why it was ignored. */
  readonly warning?: string;
}

/**
 * Writes and signs a receipt: a C2SP signed note of the lines format, origin, rules, keys, number of dockets, number of transactions, base64 root
 * over the docket hashes (RFC 6962), times of verification and expiry (milliseconds since 1970) and base64 SHA-256 of what follows the note. That are
 * the columns, one after the other, in the byte order of the machine: for each docket four hashes (record, docket, docket below, storage seal), then all times, all ends, all
 * transaction ids.
 *
 * @throws RegisterError `INVALID_KEY` when the key is not Ed25519.
 */
export function createReceipt(receipt: Receipt, origin: string, key: SigningKey): Uint8Array {
  const { columns, verifiedAt, expiresAt } = receipt;
  const { hashes, timestamps, ends, ids } = columns;
  const data = Buffer.concat([hashes, toBytes(timestamps), toBytes(ends), ids]);
  const root = Buffer.from(toRoot(columns)).toString('base64');
  const counts = `${columns.heights.length}\n${ids.length / HASH_BYTES}`;
  const times = `${verifiedAt}\n${expiresAt}`;
  const text = `${FORMAT}\n${origin}\n${RULES}\n${KEYS}\n${counts}\n${root}\n${times}\n${sha256(data).toString('base64')}\n`;
  const note = Buffer.from(signNote(text, origin, key));
  return Buffer.concat([note, Buffer.from('\n'), data]);
}

/** Reads a receipt; a text is why it is not to be used. */
export function readReceipt(
  bytes: Uint8Array,
  { origin, key, now }: { readonly origin: string; readonly key: PublicKey; readonly now: number },
): Receipt | string {
  const all = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length);
  // The note has one blank line of its own; the next one ends it.
  const start = all.indexOf(END, all.indexOf(END) + END.length);
  const body = start === -1 ? undefined : readNote(all.toString('utf8', 0, start + 1), origin, key);
  if (body === undefined) {
    return 'it is not signed by the key of this node for this register';
  }
  const [format, named, rules, keys, size = '', transactions = '', , verifiedAt = '', expiresAt = '', digest] =
    body.split('\n');
  if (format !== FORMAT || named !== origin) {
    return 'it is none of this format and register';
  }
  if (rules !== RULES || keys !== KEYS) {
    return 'it was written by other rules of verification';
  }
  if (![size, transactions, verifiedAt, expiresAt].every((number) => WHOLE.test(number))) {
    return 'it has a malformed number';
  }
  if (now >= Number(expiresAt) || now < Number(verifiedAt)) {
    return 'its time is over, or not yet come';
  }
  const data = all.subarray(start + END.length);
  if (sha256(data).toString('base64') !== digest) {
    return 'what it says was verified is damaged';
  }
  const columns = toColumns(data, Number(size), Number(transactions));
  if (columns === undefined) {
    return 'it does not have as many dockets and transactions as it says';
  }
  return { verifiedAt: Number(verifiedAt), expiresAt: Number(expiresAt), columns };
}

function toRoot({ heights, hashes }: DocketColumns): Uint8Array {
  const tree = createMerkleAccumulator();
  for (let row = 0; row < heights.length; row += 1) {
    tree.append(hashes.subarray((HASHES * row + 1) * HASH_BYTES, (HASHES * row + 2) * HASH_BYTES));
  }
  return tree.root();
}

function toBytes({ buffer, byteOffset, byteLength }: Float64Array): Uint8Array {
  return new Uint8Array(buffer, byteOffset, byteLength);
}

function toColumns(data: Buffer, size: number, transactions: number): DocketColumns | undefined {
  if (data.length !== size * ROW_BYTES + transactions * HASH_BYTES) {
    return undefined;
  }
  let at = 0;
  const take = (length: number) => {
    at += length;
    return Uint8Array.from(data.subarray(at - length, at));
  };
  const hashes = take(HASHES * size * HASH_BYTES);
  const timestamps = new Float64Array(take(8 * size).buffer);
  const ends = new Float64Array(take(8 * size).buffer);
  const ids = take(transactions * HASH_BYTES);
  const areEndsAscending = ends.every((end, row) => Number.isSafeInteger(end) && end > (ends[row - 1] ?? 0));
  const heights = Float64Array.from({ length: size }, (_, height) => height);
  return areEndsAscending && (ends.at(-1) ?? 0) === transactions
    ? { heights, hashes, timestamps, ends, ids, odd: [] }
    : undefined;
}
