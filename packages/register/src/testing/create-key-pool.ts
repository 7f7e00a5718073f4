import type { Algorithm } from '../docket/algorithm.ts';
import { createSigningKey, type SigningKey } from '../docket/signing-key.ts';

/** A few keys of each algorithm, made when first asked for: an RSA key can take seconds. */
export interface KeyPool {
  /** The key of an algorithm at an index; indexes beyond the pool start over. */
  get(algorithm: Algorithm, index: number): Promise<SigningKey>;
}

/** Starts a pool of random keys. */
export function createKeyPool(keysPerAlgorithm = 3): KeyPool {
  const keys = new Map<string, Promise<SigningKey>>();
  return {
    get(algorithm, index) {
      const id = `${algorithm} ${index % keysPerAlgorithm}`;
      const key = keys.get(id) ?? createSigningKey(algorithm);
      keys.set(id, key);
      return key;
    },
  };
}
