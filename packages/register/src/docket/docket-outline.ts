import type { Algorithm } from './algorithm.ts';
import type { DocketHeader } from './docket.ts';
import { type DocketParse, parseDocketRecord } from './parse-docket.ts';
import { readOrdinaryDocket } from './read-ordinary-docket.ts';
import { type Transaction, toSignedBytesOfRecord } from './transaction.ts';

/** What a transaction is verified by. */
export interface TransactionOutline {
  readonly id: string;
  readonly registerId: string;
  /** The address of the signer, as the transaction says. */
  readonly sender: string;
  readonly algorithm: Algorithm;
  /** The raw public key in base64url. */
  readonly publicKey: string;
  /** In base64url. */
  readonly signature: string;
  /** The leaf of the docket's Merkle tree. */
  readonly record: Uint8Array;
  /** What the signature covers. */
  readonly signedBytes: Uint8Array;
}

/** What a docket is verified by: of the form of ledger format v1, which proves nothing yet. */
export interface DocketOutline {
  readonly header: DocketHeader;
  /** The hash computed from the header, in hex. */
  readonly hash: string;
  /** The hash that the record claims to have, in hex. */
  readonly claimedHash: string;
  readonly transactions: readonly TransactionOutline[];
}

/** An outline, or what is wrong with a record; in both cases what could be read. */
export type OutlineParse =
  | { readonly value: DocketOutline; readonly problem?: undefined; readonly readable: DocketOutline }
  | Extract<DocketParse, { readonly value?: undefined }>;

/**
 * Reads what is needed to verify a docket, with the outcome of `parseDocketRecord`. Records as this software writes them are
 * read without building what they say; all others are left to that reader.
 */
export function parseDocketOutline(record: Uint8Array): OutlineParse {
  const ordinary = readOrdinaryDocket(record);
  if (ordinary !== undefined) return { value: ordinary, readable: ordinary };
  const parsed = parseDocketRecord(record);
  if (parsed.problem !== undefined) return parsed;
  const { header, hash, claimedHash, transactions } = parsed.value;
  const value = { header, hash, claimedHash, transactions: transactions.map(toTransactionOutline) };
  return { value, readable: value };
}

/** What a transaction that was read whole is verified by. */
export function toTransactionOutline({ id, body, signature, record }: Transaction): TransactionOutline {
  const { registerId, sender, signer } = body;
  const { algorithm, publicKey } = signer;
  const signedBytes = toSignedBytesOfRecord(record);
  return { id, registerId, sender, algorithm, publicKey, signature, record, signedBytes };
}
