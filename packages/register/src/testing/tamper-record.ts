import { toBase64url } from '../docket/base64url.ts';
import { createDocket, type DocketDraft } from '../docket/create-docket.ts';
import type { Docket } from '../docket/docket.ts';
import { parseDocketRecord } from '../docket/parse-docket.ts';
import { parseTransactionRecord } from '../docket/parse-transaction.ts';
import { requireParsed } from '../docket/parsed.ts';
import type { SigningKey } from '../docket/signing-key.ts';
import { toSignedBytesOfRecord } from '../docket/transaction.ts';
import { toUtf8 } from '../docket/utf8.ts';

const SPACE = 0x20;

/** A copy of the record with one bit turned over; bit 0 is the highest of the first byte. */
export function bitFlip(record: Uint8Array, bitIndex: number): Uint8Array {
  const copy = Uint8Array.from(record);
  const at = Math.floor(bitIndex / 8);
  copy[at] = (copy[at] ?? 0) ^ (0x80 >> (bitIndex % 8));
  return copy;
}

/** The first `length` bytes of the record, as after a torn write. */
export function cutRecord(record: Uint8Array, length: number): Uint8Array {
  return Uint8Array.from(record.subarray(0, length));
}

/** A changed docket whose count, root and hash are right again, as an attacker with write access would leave it. */
export function rehash(record: Uint8Array, change: (draft: DocketDraft) => DocketDraft): Uint8Array {
  return rebuild(record, change).record;
}

/** A docket that continues another one than it should, with its own hash recomputed. */
export function breakLink(record: Uint8Array, previousHash = 'ab'.repeat(32)): Uint8Array {
  return rehash(record, (draft) => ({ ...draft, previousHash }));
}

/**
 * Changes the first of some adjacent records and re-hashes and re-links all of them, so that they form a chain
 * without a flaw again: only an anchored head can tell it from the original.
 */
export function relinkSuffix(
  records: readonly Uint8Array[],
  change: (draft: DocketDraft) => DocketDraft,
): Uint8Array[] {
  const relinked: Docket[] = [];
  for (const record of records) {
    const below = relinked.at(-1);
    relinked.push(rebuild(record, below === undefined ? change : (draft) => ({ ...draft, previousHash: below.hash })));
  }
  return relinked.map((docket) => docket.record);
}

/** Leaves out one transaction of a draft. */
export function withoutTransaction(draft: DocketDraft, index: number): DocketDraft {
  return { ...draft, transactions: draft.transactions.toSpliced(index, 1) };
}

/**
 * Replaces the signature of one transaction by one that `forger`, a key of the same algorithm, makes over the
 * same bytes, and recomputes root and hash: everything fits but the signer.
 */
export function forgeSignature(record: Uint8Array, index: number, forger: SigningKey): Uint8Array {
  return rehash(record, (draft) => {
    const victim = draft.transactions[index];
    if (victim === undefined) throw new RangeError(`the docket has no transaction ${index}`);
    const signature = toBase64url(forger.sign(toSignedBytesOfRecord(victim.record)));
    const body = victim.record.subarray(victim.record.indexOf(SPACE));
    const forged = requireParsed(parseTransactionRecord(Buffer.concat([toUtf8(signature), body])));
    return { ...draft, transactions: draft.transactions.with(index, forged) };
  });
}

function rebuild(record: Uint8Array, change: (draft: DocketDraft) => DocketDraft): Docket {
  const { header, transactions } = requireParsed<Docket>(parseDocketRecord(record));
  const { registerId, height, previousHash, timestamp } = header;
  return createDocket(change({ registerId, height, previousHash, timestamp, transactions }));
}
