import { type KeyObject, verify } from 'node:crypto';
import { ALGORITHMS, type Algorithm } from './algorithm.ts';
import { isPointWeak } from './ed25519-point.ts';
import type { PublicKey } from './public-key.ts';
import { SIGNATURE_ENGINE, type SignatureEngine } from './signature-engine.ts';

/**
 * True when `signature` was made over `bytes` with the private half of `publicKey`. The only place where a
 * signature is verified: what engines disagree on is decided here, before one is asked. Never throws for any signature or bytes.
 *
 * @param engine for Ed25519; the others are left to node:crypto
 */
export function isSignatureValid(
  publicKey: PublicKey,
  signature: Uint8Array,
  bytes: Uint8Array,
  engine: SignatureEngine = SIGNATURE_ENGINE,
): boolean {
  const { algorithm, keyObject } = publicKey;
  const { digest, signatureBytes } = ALGORITHMS[algorithm];
  if (signature.length !== signatureBytes) return false;
  if (algorithm === 'ed25519') return !isPointWeak(signature) && engine.verify(publicKey, signature, bytes);
  return verify(digest, bytes, toKeyInput(algorithm, keyObject), signature);
}

/** The key as node:crypto wants it. */
export function toKeyInput(algorithm: Algorithm, key: KeyObject) {
  return algorithm === 'p-256' ? ({ key, dsaEncoding: 'ieee-p1363' } as const) : key;
}
