import { createHash } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { toBase64url } from './base64url.ts';
import { parsePublicKey } from './public-key.ts';
import { isSignatureValid } from './signature.ts';
import { importSigningKey } from './signing-key.ts';

// Curve arithmetic straight from RFC 8032, section 5.1: slow, and without any check of the points.
const P = 2n ** 255n - 19n;
const L = 2n ** 252n + 27742317777372353535851937790883648493n;
type Point = readonly [x: bigint, y: bigint];
const mod = (value: bigint, modulus = P) => ((value % modulus) + modulus) % modulus;
const power = (base: bigint, exponent: bigint): bigint => {
  if (exponent === 0n) return 1n;
  const half = power(mod(base * base), exponent / 2n);
  return exponent % 2n === 1n ? mod(half * base) : half;
};
const invert = (value: bigint) => power(mod(value), P - 2n);
const D = mod(-121665n * invert(121666n));
const squareRoot = (square: bigint) => {
  const root = power(mod(square), (P + 3n) / 8n);
  return [root, mod(root * power(2n, (P - 1n) / 4n))].find((r) => mod(r * r - square) === 0n);
};
const add = ([x1, y1]: Point, [x2, y2]: Point): Point => {
  const t = D * x1 * x2 * y1 * y2;
  return [mod((x1 * y2 + x2 * y1) * invert(1n + t)), mod((y1 * y2 + x1 * x2) * invert(1n - t))];
};
const IDENTITY: Point = [0n, 1n];
const multiply = (point: Point, scalar: bigint): Point => {
  if (scalar === 0n) return IDENTITY;
  const half = multiply(add(point, point), scalar / 2n);
  return scalar % 2n === 1n ? add(half, point) : half;
};
const fromLittleEndian = (bytes: Uint8Array) => BigInt(`0x${Buffer.from(bytes).reverse().toString('hex')}`);
const toLittleEndian = (value: bigint) => Buffer.from(value.toString(16).padStart(64, '0'), 'hex').reverse();
const encode = ([x, y]: Point) => toLittleEndian(y + (x % 2n) * 2n ** 255n);
const decode = (bytes: Uint8Array): Point => {
  const all = fromLittleEndian(bytes);
  const y = mod(all % 2n ** 255n);
  const x = squareRoot((y * y - 1n) * invert(D * y * y + 1n)) ?? 0n;
  return [x % 2n === all / 2n ** 255n ? x : mod(-x), y];
};
const BASE = decode(toLittleEndian(mod(4n * invert(5n))));
const hashToScalar = (...parts: Uint8Array[]) =>
  mod(fromLittleEndian(createHash('sha512').update(Buffer.concat(parts)).digest()), L);
const verifyNaively = (key: Uint8Array, signature: Uint8Array, message: Uint8Array) => {
  const [r, s] = [signature.subarray(0, 32), fromLittleEndian(signature.subarray(32))];
  const right = add(decode(r), multiply(decode(key), hashToScalar(r, key, message)));
  return encode(multiply(BASE, s)).equals(encode(right));
};

/** Doubling (x, y) gives y = 0 where d y^4 + 2 y^2 = 1, so these are all y of order 8; the others are known. */
const ORDER_8 = [1n, -1n]
  .flatMap((sign) => squareRoot((-1n + sign * (squareRoot(1n + D) ?? 0n)) * invert(D)) ?? [])
  .flatMap((y) => [y, mod(-y)]);
const SMALL_ORDER_Y = [1n, P - 1n, 0n, ...ORDER_8];
const SIGNS = [0n, 2n ** 255n];

const seed = Buffer.alloc(32, 7);
const secretScalar = (() => {
  const digest = createHash('sha512').update(seed).digest();
  digest[0] = (digest[0] ?? 0) & 248;
  digest[31] = ((digest[31] ?? 0) & 127) | 64;
  return fromLittleEndian(digest.subarray(0, 32));
})();
const publicHalf = toBase64url(encode(multiply(BASE, secretScalar)));
const signingKey = importSigningKey({ kty: 'OKP', crv: 'Ed25519', d: toBase64url(seed), x: publicHalf });
const message = Buffer.from('pay me');

describe('Ed25519 points', () => {
  it('of small order are exactly those found on the curve, and as keys are refused with either sign', () => {
    expect(SMALL_ORDER_Y).toHaveLength(5);
    for (const y of SMALL_ORDER_Y) {
      expect(multiply(decode(toLittleEndian(y)), 8n)).toEqual(IDENTITY);
      for (const sign of SIGNS) {
        expect(parsePublicKey('ed25519', toLittleEndian(y + sign)).problem?.code).toBe('INVALID_KEY');
      }
    }
  });

  it('as keys are refused when not canonical, for every such encoding', () => {
    for (let y = P; y < 2n ** 255n; y++) {
      for (const sign of SIGNS) {
        expect(parsePublicKey('ed25519', toLittleEndian(y + sign)).problem?.code).toBe('INVALID_KEY');
      }
    }
  });

  it('as keys are accepted directly beside the refused ones', () => {
    for (const y of [2n, 3n, P - 2n, P - 3n]) {
      expect(parsePublicKey('ed25519', toLittleEndian(y)).problem).toBeUndefined();
    }
  });
});

describe('Ed25519 forgery', () => {
  const identity = encode(IDENTITY);

  it('under the identity key fits every message by the plain equation, and the key is refused', () => {
    const forged = Buffer.concat([identity, Buffer.alloc(32)]);
    expect(verifyNaively(identity, forged, message)).toBe(true);
    expect(verifyNaively(identity, forged, Buffer.from('pay me more'))).toBe(true);
    expect(parsePublicKey('ed25519', identity).problem?.code).toBe('INVALID_KEY');
  });

  it('by an R of small order, on which verifiers disagree, is refused', () => {
    const { publicKey } = signingKey;
    const s = mod(hashToScalar(identity, publicKey.raw, message) * secretScalar, L);
    const forged = Buffer.concat([identity, toLittleEndian(s)]);
    expect(verifyNaively(publicKey.raw, forged, message)).toBe(true);
    expect(isSignatureValid(publicKey, forged, message)).toBe(false);
  });

  it('by an R with a part of small order is refused, although it holds for verifiers that multiply by the cofactor', () => {
    const { publicKey } = signingKey;
    const scalar = 12345n;
    const orderTwo: Point = [0n, P - 1n];
    const r = encode(add(multiply(BASE, scalar), orderTwo));
    const s = mod(scalar + hashToScalar(r, publicKey.raw, message) * secretScalar, L);
    const left = multiply(BASE, s);
    const right = add(decode(r), multiply(decode(publicKey.raw), hashToScalar(r, publicKey.raw, message)));
    expect(encode(left)).not.toEqual(encode(right));
    expect(encode(multiply(left, 8n))).toEqual(encode(multiply(right, 8n)));
    expect(isSignatureValid(publicKey, Buffer.concat([r, toLittleEndian(s)]), message)).toBe(false);
  });

  it('by adding the group order to S is refused', () => {
    const signature = Buffer.from(signingKey.sign(message));
    expect(verifyNaively(signingKey.publicKey.raw, signature, message)).toBe(true);
    expect(isSignatureValid(signingKey.publicKey, signature, message)).toBe(true);
    const raised = Buffer.concat([
      signature.subarray(0, 32),
      toLittleEndian(fromLittleEndian(signature.subarray(32)) + L),
    ]);
    expect(verifyNaively(signingKey.publicKey.raw, raised, message)).toBe(true);
    expect(isSignatureValid(signingKey.publicKey, raised, message)).toBe(false);
  });
});
