import { parseBase64url } from './base64url.ts';
import { type TransactionOutline, toTransactionOutline } from './docket-outline.ts';
import { parseTransactionRecord } from './parse-transaction.ts';
import { type Parsed, type Problem, quote, refuse } from './parsed.ts';
import { parsePublicKeyText } from './public-key.ts';
import { isSignatureValid } from './signature.ts';
import type { Transaction } from './transaction.ts';
import { toUtf8 } from './utf8.ts';

/**
 * Decides whether a signed transaction from outside may be sealed in a register: its form, its limits, its
 * register, its key and its signature. Whether it is sealed there already is the register's to know. The value is the
 * transaction; the problem is `INVALID`, `LIMIT_EXCEEDED`, `INVALID_KEY` or `INVALID_SIGNATURE`.
 */
export function checkTransaction(record: Uint8Array | string, registerId: string): Parsed<Transaction> {
  if (typeof record === 'string' && !record.isWellFormed()) return refuse('INVALID', 'the record has a lone surrogate');
  // Plain JavaScript hands in whole transactions, too.
  if (typeof record !== 'string' && !(record instanceof Uint8Array)) {
    return refuse('INVALID', 'it is neither text nor bytes; hand in the "record" of a transaction');
  }
  const parsed = parseTransactionRecord(typeof record === 'string' ? toUtf8(record) : record);
  if (parsed.problem !== undefined) return parsed;
  const transaction = parsed.value;
  if (transaction.body.registerId !== registerId) {
    return refuse('INVALID', `the transaction belongs to the register ${quote(transaction.body.registerId)}`);
  }
  const problem = checkSignature(transaction);
  return problem === undefined ? { value: transaction } : { problem };
}

/** Why the signature of a transaction proves nothing, or `undefined` when its sender did sign it. */
export function checkSignature(transaction: Transaction): Problem | undefined {
  return checkOutline(toTransactionOutline(transaction));
}

/** As `checkSignature`. */
export function checkOutline(outline: TransactionOutline): Problem | undefined {
  const { sender, algorithm, publicKey, signature, signedBytes } = outline;
  const key = parsePublicKeyText(algorithm, publicKey);
  if (key.problem !== undefined) return key.problem;
  if (key.value.address !== sender)
    return refuse('INVALID_SIGNATURE', "the sender is not the signer's address").problem;
  const signatureBytes = parseBase64url(signature);
  if (signatureBytes !== undefined && isSignatureValid(key.value, signatureBytes, signedBytes)) return undefined;
  return refuse('INVALID_SIGNATURE', 'the signature is not valid').problem;
}
