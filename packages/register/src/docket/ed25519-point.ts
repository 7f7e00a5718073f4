// 2^255 - 19, most significant byte first.
const FIELD_PRIME = `7f${'ff'.repeat(30)}ed`;

/**
 * The y coordinates of all points whose order divides 8, most significant byte first: 1 (order 1), p - 1 (order 2),
 * 0 (order 4) and two of order 8. The sign of x is no part of y, so each stands for both signs.
 */
const SMALL_ORDER: ReadonlySet<string> = new Set([
  `${'00'.repeat(31)}01`,
  `7f${'ff'.repeat(30)}ec`,
  '00'.repeat(32),
  '7a03ac9277fdc74ec6cc392cfa53202a0f67100d760b3cba4fd84d3d706a17c7',
  '05fc536d880238b13933c6d305acdfd5f098eff289f4c345b027b2c28f95e826',
]);

const POINT_BYTES = 32;

/** The most significant bytes, without the sign of x, with which weak points begin: all others need no further look. */
const SUSPICIOUS_TOPS: ReadonlySet<number> = new Set([0x7f, 0x7a, 0x05, 0x00]);

/**
 * Why an encoded Ed25519 point (32 bytes) must not be used as a public key or as the R of a signature, or
 * `undefined`. Under a key of small order one signature fits many messages (under the identity: every message), and a
 * second encoding of a point would give one key two addresses. Verifiers, and versions of node:crypto, disagree on
 * both, so such points are refused before the verifier sees them.
 */
export function findPointWeakness(encoded: Uint8Array): string | undefined {
  const y = Buffer.from(encoded.subarray(0, POINT_BYTES)).reverse();
  y[0] = (y[0] ?? 0) & 0x7f;
  const hex = y.toString('hex');
  if (hex >= FIELD_PRIME) return 'the Ed25519 point is not canonical (y is not below 2^255 - 19)';
  if (SMALL_ORDER.has(hex)) return 'the Ed25519 point is of small order';
  return undefined;
}

/** As `findPointWeakness`, without the reason, in a fraction of its time; the point may be the first part of `encoded`. */
export function isPointWeak(encoded: Uint8Array): boolean {
  const top = (encoded[POINT_BYTES - 1] ?? 0) & 0x7f;
  return SUSPICIOUS_TOPS.has(top) && findPointWeakness(encoded) !== undefined;
}
