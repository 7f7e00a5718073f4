import { verify } from 'node:crypto';
import { parsePublicKey, type Transaction, toSignedBytesOfRecord } from '@sorcha/register';

/**
 * Prepares the one call of `crypto.verify` that nobody who verifies this transaction can do without. `undefined` when its key is
 * no key or its signature does not verify.
 */
export function toBareVerification(transaction: Transaction): (() => boolean) | undefined {
  const { algorithm, publicKey } = transaction.body.signer;
  const key = parsePublicKey(algorithm, Buffer.from(publicKey, 'base64url')).value?.keyObject;
  if (key === undefined) {
    return undefined;
  }
  const bytes = toSignedBytesOfRecord(transaction.record);
  const signature = Buffer.from(transaction.signature, 'base64url');
  const call = {
    ed25519: () => verify(null, bytes, key, signature),
    'p-256': () => verify('sha256', bytes, { key, dsaEncoding: 'ieee-p1363' }, signature),
    'rsa-4096': () => verify('sha256', bytes, key, signature),
  }[algorithm];
  return call() ? call : undefined;
}
