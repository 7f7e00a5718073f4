import type { Algorithm } from './algorithm.ts';
import type { JsonObject, JsonValue } from './json-value.ts';
import { toUtf8 } from './utf8.ts';

/** What a transaction says: the signed JSON object, with exactly these members. */
export interface TransactionBody {
  /** The register that the transaction belongs to; it cannot be sealed in another. */
  readonly registerId: string;
  /** The address of the signer's key. */
  readonly sender: string;
  readonly signer: {
    readonly algorithm: Algorithm;
    /** The raw public key in base64url. */
    readonly publicKey: string;
  };
  /** Addresses, none repeated. */
  readonly recipients: readonly string[];
  /** The id of an earlier transaction that this one follows, as the sender says; `null` for none. */
  readonly previousTransactionId: string | null;
  /** The sender's clock, in milliseconds since 1970. */
  readonly timestamp: number;
  readonly metadata: JsonObject;
  readonly payloads: readonly JsonValue[];
}

/** A transaction in the form of ledger format v1; having this form does not make its signature valid. */
export interface Transaction {
  /** SHA-256 of the signed bytes, in hex. */
  readonly id: string;
  readonly body: TransactionBody;
  /** The signature in base64url. */
  readonly signature: string;
  /** The exact bytes that are stored and form a leaf of the docket's Merkle tree: `<signature> <body text>`. */
  readonly record: Uint8Array;
}

const SIGNING_CONTEXT = toUtf8('sorcha/transaction/v1\n');

/** The bytes that are signed: a fixed context line, so that no other signed text can pass for a body, then the body. */
export function toSignedBytes(body: Uint8Array): Uint8Array {
  const bytes = Buffer.allocUnsafe(SIGNING_CONTEXT.length + body.length);
  bytes.set(SIGNING_CONTEXT);
  bytes.set(body, SIGNING_CONTEXT.length);
  return bytes;
}

/** The signed bytes of a transaction, cut from its record. */
export function toSignedBytesOfRecord(record: Uint8Array): Uint8Array {
  return toSignedBytes(record.subarray(record.indexOf(0x20) + 1));
}
