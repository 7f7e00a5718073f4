import { verify } from 'node:crypto';
import { parsePublicKey, type Transaction, toSignedBytesOfRecord } from '@sorcha/register';

/** Prepares the one call of `crypto.verify` that nobody who verifies this transaction can do without. */
export function toBareVerification(transaction: Transaction): () => boolean {
  const { algorithm, publicKey } = transaction.body.signer;
  const key = parsePublicKey(algorithm, Buffer.from(publicKey, 'base64url')).value?.keyObject;
  if (key === undefined) {
    throw new Error('A generated transaction has a good key.');
  }
  const bytes = toSignedBytesOfRecord(transaction.record);
  const signature = Buffer.from(transaction.signature, 'base64url');
  const digest = algorithm === 'ed25519' ? null : 'sha256';
  return () => verify(digest, bytes, { key, dsaEncoding: 'ieee-p1363' }, signature);
}
