import { verify } from 'node:crypto';
import { parsePublicKey, SIGNATURE_ENGINE, type Transaction, toSignedBytesOfRecord } from '@sorcha/register';

/**
 * Prepares the one call of the signature engine that nobody who verifies this transaction can do without. `undefined` when its key is
 * no key or its signature does not verify.
 */
export function toBareVerification(transaction: Transaction): (() => boolean) | undefined {
  const { algorithm, publicKey } = transaction.body.signer;
  const key = parsePublicKey(algorithm, Buffer.from(publicKey, 'base64url')).value;
  if (key === undefined) {
    return undefined;
  }
  const bytes = toSignedBytesOfRecord(transaction.record);
  const { keyObject } = key;
  const signature = Buffer.from(transaction.signature, 'base64url');
  const call = {
    ed25519: () => SIGNATURE_ENGINE.verify(key, signature, bytes),
    'p-256': () => verify('sha256', bytes, { key: keyObject, dsaEncoding: 'ieee-p1363' }, signature),
    'rsa-4096': () => verify('sha256', bytes, keyObject, signature),
  }[algorithm];
  return call() ? call : undefined;
}
