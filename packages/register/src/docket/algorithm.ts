/** The name of a signature algorithm, as it stands in transactions. */
export type Algorithm = 'ed25519' | 'p-256' | 'rsa-4096';

/** The fixed sizes of a signature algorithm. */
export interface AlgorithmFormat {
  /** The byte that stands for the algorithm in addresses. */
  readonly byte: number;
  /** Length of the raw public key in bytes. */
  readonly publicKeyBytes: number;
  /** Length of a signature in bytes. */
  readonly signatureBytes: number;
  /** The hash over the signed bytes, by its name in node:crypto; `null` where the algorithm brings its own. */
  readonly digest: 'sha256' | null;
}

/**
 * All algorithms of ledger format v1.
 *
 * - `ed25519`: RFC 8032; raw key as there.
 * - `p-256`: ECDSA with SHA-256; raw key is the uncompressed SEC 1 point (0x04, x, y), the signature r, s.
 * - `rsa-4096`: PKCS#1 v1.5 with SHA-256, exponent 65537; raw key is the modulus, big-endian.
 */
export const ALGORITHMS: Readonly<Record<Algorithm, AlgorithmFormat>> = Object.freeze({
  ed25519: { byte: 0x01, publicKeyBytes: 32, signatureBytes: 64, digest: null },
  'p-256': { byte: 0x02, publicKeyBytes: 65, signatureBytes: 64, digest: 'sha256' },
  'rsa-4096': { byte: 0x03, publicKeyBytes: 512, signatureBytes: 512, digest: 'sha256' },
});

/** The algorithm names in the order of their bytes. */
export const ALGORITHM_NAMES: readonly Algorithm[] = ['ed25519', 'p-256', 'rsa-4096'];

/** True for the name of a known algorithm. */
export function isAlgorithm(value: unknown): value is Algorithm {
  return typeof value === 'string' && Object.hasOwn(ALGORITHMS, value);
}
