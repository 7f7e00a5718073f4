import { createPrivateKey, generateKeyPair, type JsonWebKey, type KeyObject, sign } from 'node:crypto';
import { ALGORITHM_NAMES, ALGORITHMS, type Algorithm, isAlgorithm } from './algorithm.ts';

import { parseBase64url } from './base64url.ts';
import { quote } from './parsed.ts';
import { type PublicKey, parsePublicKey } from './public-key.ts';
import { RegisterError } from './register-error.ts';
import { isSignatureValid, toKeyInput } from './signature.ts';

/** A private key that signs transactions. The key itself stays hidden until it is exported on purpose. */
export interface SigningKey {
  readonly algorithm: Algorithm;
  readonly publicKey: PublicKey;
  /** The address of `publicKey`, which is the sender of what this key signs. */
  readonly address: string;
  /** Signs some bytes; the signature has the length of the algorithm table. */
  sign(bytes: Uint8Array): Uint8Array;
  /** The private key as a JSON Web Key (RFC 7517) for a file that only its owner can read. */
  exportJwk(): JsonWebKey;
}

/**
 * Makes a new random key. An RSA key takes seconds, the others less than a millisecond.
 *
 * @throws RegisterError `INVALID` for an unknown algorithm.
 */
export async function createSigningKey(algorithm: Algorithm): Promise<SigningKey> {
  if (!isAlgorithm(algorithm)) {
    throw new RegisterError(
      'INVALID',
      `${quote(String(algorithm))} is no algorithm; use one of ${ALGORITHM_NAMES.join(', ')}.`,
    );
  }
  return toSigningKey(await generatePrivateKey(algorithm));
}

/**
 * Reads a private key from what `exportJwk` gave, for example after `JSON.parse`.
 *
 * @throws RegisterError `INVALID_KEY` when it is not a private key of a known algorithm, or its halves do not match.
 */
export function importSigningKey(jwk: unknown): SigningKey {
  if (!isJwk(jwk)) throw new RegisterError('INVALID_KEY', 'a private JSON Web Key must be a JSON object');
  let privateKey: KeyObject;
  try {
    privateKey = createPrivateKey({ key: jwk, format: 'jwk' });
  } catch (cause) {
    throw new RegisterError('INVALID_KEY', 'the text is not a private JSON Web Key; give an exported one', { cause });
  }
  const key = toSigningKey(privateKey);
  const own = key.exportJwk();
  const probe = new Uint8Array(32);
  // Neither check is enough: node:crypto derives the public half of Ed25519 anew and takes that of other keys as given.
  const isMatching = own.n === jwk.n && own.x === jwk.x && own.y === jwk.y;
  if (!isMatching || !isSignatureValid(key.publicKey, key.sign(probe), probe)) {
    throw new RegisterError('INVALID_KEY', 'the private half of the key does not match its public half');
  }
  return key;
}

/** Any object may be tried as a key: all members of a JSON Web Key are optional, and node:crypto checks them. */
function isJwk(value: unknown): value is JsonWebKey {
  return typeof value === 'object' && value !== null;
}

function generatePrivateKey(algorithm: Algorithm): Promise<KeyObject> {
  return new Promise((resolve, reject) => {
    const done = (error: Error | null, _publicKey: KeyObject, privateKey: KeyObject) =>
      error === null ? resolve(privateKey) : reject(error);
    switch (algorithm) {
      case 'ed25519':
        generateKeyPair('ed25519', undefined, done);
        break;
      case 'p-256':
        generateKeyPair('ec', { namedCurve: 'P-256' }, done);
        break;
      case 'rsa-4096':
        generateKeyPair('rsa', { modulusLength: 4096, publicExponent: 65537 }, done);
        break;
    }
  });
}

function toSigningKey(privateKey: KeyObject): SigningKey {
  const jwk = privateKey.export({ format: 'jwk' });
  const [algorithm, raw] = toRawPublicKey(jwk);
  const { value: publicKey, problem } = parsePublicKey(algorithm, raw);
  if (problem !== undefined) throw new RegisterError('INVALID_KEY', problem.detail);
  return {
    algorithm,
    publicKey,
    address: publicKey.address,
    sign: (bytes) => sign(ALGORITHMS[algorithm].digest, bytes, toKeyInput(algorithm, privateKey)),
    exportJwk: () => ({ ...jwk }),
  };
}

/** Reads algorithm and raw public key from an exported key; other curves and exponents are refused. */
function toRawPublicKey(jwk: JsonWebKey): [Algorithm, Uint8Array] {
  const [n, x, y] = [jwk.n, jwk.x, jwk.y].map((text) => parseBase64url(text ?? '') ?? new Uint8Array());
  if (jwk.kty === 'OKP' && jwk.crv === 'Ed25519' && x !== undefined) return ['ed25519', x];
  if (jwk.kty === 'EC' && jwk.crv === 'P-256' && x !== undefined && y !== undefined) {
    return ['p-256', Buffer.concat([Uint8Array.of(0x04), x, y])];
  }
  if (jwk.kty === 'RSA' && jwk.e === 'AQAB' && n !== undefined) return ['rsa-4096', n];
  throw new RegisterError('INVALID_KEY', 'the key must be Ed25519, P-256, or RSA with the exponent 65537');
}
