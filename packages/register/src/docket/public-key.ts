import { createPublicKey, type JsonWebKey, type KeyObject } from 'node:crypto';
import { LRUCache } from 'lru-cache';
import { toAddress } from './address.ts';
import { ALGORITHMS, type Algorithm } from './algorithm.ts';
import { parseBase64url, toBase64url } from './base64url.ts';
import { findPointWeakness } from './ed25519-point.ts';
import { type Parsed, refuse } from './parsed.ts';

/** A public key that was checked and is ready for verifying. */
export interface PublicKey {
  readonly algorithm: Algorithm;
  /** The raw key, as the algorithm table describes it. */
  readonly raw: Uint8Array;
  readonly address: string;
  readonly keyObject: KeyObject;
}

// Importing a key costs about as much as using it once, and the same few keys sign most transactions.
const CACHED_KEYS = 4096;
const cache = new LRUCache<string, PublicKey>({ max: CACHED_KEYS });

/** Reads a raw public key; the problem is `INVALID_KEY` for a wrong length or form and for weak keys. */
export function parsePublicKey(algorithm: Algorithm, raw: Uint8Array): Parsed<PublicKey> {
  return parsePublicKeyText(algorithm, toBase64url(raw));
}

/** As `parsePublicKey`, from the base64url text of the raw key. */
export function parsePublicKeyText(algorithm: Algorithm, text: string): Parsed<PublicKey> {
  const id = `${algorithm} ${text}`;
  const known = cache.get(id);
  if (known !== undefined) return { value: known };
  const parsed = importKey(algorithm, text);
  if (parsed.value !== undefined) cache.set(id, parsed.value);
  return parsed;
}

function importKey(algorithm: Algorithm, text: string): Parsed<PublicKey> {
  const raw = parseBase64url(text);
  const { publicKeyBytes } = ALGORITHMS[algorithm];
  if (raw?.length !== publicKeyBytes) {
    return refuse('INVALID_KEY', `a public key of ${algorithm} must be ${publicKeyBytes} bytes in base64url`);
  }
  const problem = FIND_PROBLEM[algorithm](raw);
  if (problem !== undefined) return refuse('INVALID_KEY', problem);
  try {
    // Keys are imported as JWK because importing DER makes each later verification about twice as slow.
    const keyObject = createPublicKey({ key: TO_JWK[algorithm](raw), format: 'jwk' });
    return { value: { algorithm, raw, address: toAddress(algorithm, raw), keyObject } };
  } catch {
    return refuse('INVALID_KEY', `the public key is not a valid key of ${algorithm}`);
  }
}

const FIND_PROBLEM: Readonly<Record<Algorithm, (raw: Uint8Array) => string | undefined>> = {
  ed25519: findPointWeakness,
  'p-256': (raw) => (raw[0] === 0x04 ? undefined : 'the P-256 key is not an uncompressed point (first byte 0x04)'),
  'rsa-4096': (raw) =>
    (raw[0] ?? 0) >= 0x80 && (raw.at(-1) ?? 0) % 2 === 1
      ? undefined
      : 'the RSA modulus must be odd and exactly 4096 bits long',
};

const TO_JWK: Readonly<Record<Algorithm, (raw: Uint8Array) => JsonWebKey>> = {
  ed25519: (raw) => ({ kty: 'OKP', crv: 'Ed25519', x: toBase64url(raw) }),
  'p-256': (raw) => ({
    kty: 'EC',
    crv: 'P-256',
    x: toBase64url(raw.subarray(1, 33)),
    y: toBase64url(raw.subarray(33)),
  }),
  'rsa-4096': (raw) => ({ kty: 'RSA', n: toBase64url(raw), e: 'AQAB' }),
};
