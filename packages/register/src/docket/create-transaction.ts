import { toBase64url } from './base64url.ts';
import { toCanonicalJson } from './canonical-json.ts';
import type { JsonObject, JsonValue } from './json-value.ts';
import { parseTransactionBody, parseTransactionRecord } from './parse-transaction.ts';
import { requireParsed } from './parsed.ts';
import { RegisterError } from './register-error.ts';
import type { SigningKey } from './signing-key.ts';
import { type Transaction, toSignedBytes } from './transaction.ts';
import { toUtf8 } from './utf8.ts';

/** What a sender decides about a transaction; sender and signer come from the key. */
export interface TransactionDraft {
  readonly registerId: string;
  /** Milliseconds since 1970. */
  readonly timestamp: number;
  /** Addresses, none repeated; none by default. */
  readonly recipients?: readonly string[];
  /** The id of the transaction that this one follows; `null` by default. */
  readonly previousTransactionId?: string | null;
  /** Empty by default. */
  readonly metadata?: JsonObject;
  /** None by default. */
  readonly payloads?: readonly JsonValue[];
}

/**
 * Writes a draft as canonical JSON and signs it.
 *
 * @throws RegisterError `INVALID` for a malformed draft, also for members that a transaction does not have, and without a key;
 * `LIMIT_EXCEEDED` for one above the limits of the format.
 */
export function createTransaction(draft: TransactionDraft, signingKey: SigningKey): Transaction {
  const key: unknown = signingKey;
  if (typeof key !== 'object' || key === null || !('sign' in key && 'publicKey' in key)) {
    throw new RegisterError('INVALID', 'a transaction needs a key that signs it; see createSigningKey');
  }
  const { algorithm, raw } = signingKey.publicKey;
  const text = toCanonicalJson({
    recipients: [],
    previousTransactionId: null,
    metadata: {},
    payloads: [],
    ...draft,
    sender: signingKey.address,
    signer: { algorithm, publicKey: toBase64url(raw) },
  });
  const bodyBytes = toUtf8(text);
  // The reader's own checks come before signing, so nothing is ever signed that no reader accepts.
  requireParsed(parseTransactionBody(bodyBytes));
  const signature = toBase64url(signingKey.sign(toSignedBytes(bodyBytes)));
  return requireParsed(parseTransactionRecord(toUtf8(`${signature} ${text}`)));
}
