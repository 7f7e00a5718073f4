import { sha256Hex } from './sha256.ts';
import type { Transaction } from './transaction.ts';
import { toUtf8 } from './utf8.ts';

/** What the hash of a docket covers: one JSON object with exactly these members. */
export interface DocketHeader {
  readonly registerId: string;
  /** The place in the register, from 0 without gaps. */
  readonly height: number;
  /** The hash of the docket below; 64 zeros at height 0. */
  readonly previousHash: string;
  /** When the docket was sealed, as the sealing node says, in milliseconds since 1970. A claim: nothing ties it to those before. */
  readonly timestamp: number;
  readonly transactionCount: number;
  /** The RFC 6962 Merkle root over the transaction records in order, in hex. */
  readonly transactionsRoot: string;
}

/** A docket in the form of ledger format v1; having this form proves nothing, `checkDocket` does. */
export interface Docket {
  readonly header: DocketHeader;
  /** The hash computed from the header, in hex. */
  readonly hash: string;
  /** The hash that the record claims to have, in hex. */
  readonly claimedHash: string;
  readonly transactions: readonly Transaction[];
  /** The exact bytes of the cold record. */
  readonly record: Uint8Array;
}

/** The first line of every docket record, without its line feed. */
export const DOCKET_RECORD_FORMAT = 'sorcha/docket-record/v1';

const HASH_CONTEXT = toUtf8('sorcha/docket/v1\n');

/** The hash of a docket: SHA-256 over a fixed context line and the header text, in hex. */
export function toDocketHash(header: Uint8Array): string {
  return sha256Hex(Buffer.concat([HASH_CONTEXT, header]));
}
