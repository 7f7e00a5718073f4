import { bech32m } from '@scure/base';
import { LRUCache } from 'lru-cache';
import { ALGORITHM_NAMES, ALGORITHMS, type Algorithm } from './algorithm.ts';
import { type Parsed, quote, refuse } from './parsed.ts';
import { sha256 } from './sha256.ts';

const PREFIX = 'ws';
const HASH_BYTES = 32;

/** What an address says: which algorithm its key uses, and the hash of that key. */
export interface Address {
  readonly algorithm: Algorithm;
  /** SHA-256 over the algorithm byte and the raw public key. */
  readonly keyHash: Uint8Array;
}

/**
 * The address of a public key: Bech32m (BIP 350) with the prefix `ws` over the algorithm byte and
 * SHA-256(algorithm byte, raw public key). The length of `raw` is the caller's to check.
 */
export function toAddress(algorithm: Algorithm, raw: Uint8Array): string {
  const { byte } = ALGORITHMS[algorithm];
  const keyHash = sha256(Buffer.concat([Uint8Array.of(byte), raw]));
  return bech32m.encodeFromBytes(PREFIX, Buffer.concat([Uint8Array.of(byte), keyHash]));
}

// The same few addresses stand in most transactions.
const CACHED_ADDRESSES = 4096;
const cache = new LRUCache<string, Address>({ max: CACHED_ADDRESSES });

/** Reads an address; only its one lower-case spelling is accepted. */
export function parseAddress(text: string): Parsed<Address> {
  const known = cache.get(text);
  if (known !== undefined) return { value: known };
  const parsed = readAddress(text);
  if (parsed.value !== undefined) cache.set(text, parsed.value);
  return parsed;
}

function readAddress(text: string): Parsed<Address> {
  const bytes = decode(text);
  if (bytes === undefined) return refuse('INVALID', `${quote(text)} is not an address (Bech32m, prefix "${PREFIX}")`);
  const algorithm = ALGORITHM_NAMES.find((name) => ALGORITHMS[name].byte === bytes[0]);
  if (algorithm === undefined || bytes.length !== HASH_BYTES + 1) {
    return refuse('INVALID', `the address ${quote(text)} names no known algorithm or has a wrong length`);
  }
  return { value: { algorithm, keyHash: bytes.subarray(1) } };
}

function decode(text: string): Uint8Array | undefined {
  if (text !== text.toLowerCase()) return undefined;
  const decoded = bech32m.decodeUnsafe(text);
  if (decoded === undefined || decoded.prefix !== PREFIX) return undefined;
  const bytes = bech32m.fromWordsUnsafe(decoded.words);
  return bytes instanceof Uint8Array ? bytes : undefined;
}
