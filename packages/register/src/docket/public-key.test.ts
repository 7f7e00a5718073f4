import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseAddress, toAddress } from './address.ts';
import { ALGORITHM_NAMES, ALGORITHMS } from './algorithm.ts';
import { parseBase64url, toBase64url } from './base64url.ts';
import { parsePublicKey, parsePublicKeyText } from './public-key.ts';
import { isSignatureValid } from './signature.ts';
import { createSigningKey, importSigningKey } from './signing-key.ts';

const P256 = 2n ** 256n - 2n ** 224n + 2n ** 192n + 2n ** 96n - 1n;
const bigEndian = (value: bigint) => Buffer.from(value.toString(16).padStart(64, '0'), 'hex');

describe('public keys', () => {
  it.each(ALGORITHM_NAMES)('of %s are refused with a wrong length', (algorithm) => {
    const { publicKeyBytes } = ALGORITHMS[algorithm];
    for (const length of [0, 1, publicKeyBytes - 1, publicKeyBytes + 1, 2 * publicKeyBytes]) {
      expect(parsePublicKey(algorithm, Buffer.alloc(length, 0xff)).problem?.code).toBe('INVALID_KEY');
    }
  });

  it('of P-256 are refused off the curve, compressed, at infinity, and with a coordinate beyond the field', async () => {
    const { raw } = (await createSigningKey('p-256')).publicKey;
    const [x, y] = [raw.subarray(1, 33), raw.subarray(33)];
    const point = (first: number, ...rest: Uint8Array[]) => Buffer.concat([Uint8Array.of(first), ...rest]);
    // (5, y) lies on the curve, and 5 + p still fits into 32 bytes.
    const ySmall = bigEndian(31468013646237722594854082025316614106172411895747863909393730389177298123724n);
    expect(parsePublicKey('p-256', point(4, bigEndian(5n), ySmall)).problem).toBeUndefined();
    for (const bad of [
      point(4, x, bigEndian(1n)),
      point(2, x, y),
      point(3, x, y),
      point(4, y, x),
      point(0, Buffer.alloc(64)),
      point(4, Buffer.alloc(64)),
      point(4, bigEndian(5n + P256), ySmall),
    ]) {
      expect(parsePublicKey('p-256', bad).problem?.code).toBe('INVALID_KEY');
    }
  });

  it('of RSA are refused when even or shorter than 4096 bits', () => {
    const modulus = Buffer.alloc(512, 0xff);
    expect(parsePublicKey('rsa-4096', modulus).problem).toBeUndefined();
    expect(parsePublicKey('rsa-4096', modulus.with(511, 0xfe)).problem?.code).toBe('INVALID_KEY');
    expect(parsePublicKey('rsa-4096', modulus.with(0, 0x7f)).problem?.code).toBe('INVALID_KEY');
  });

  it('are refused in any base64 but the one strict spelling', async () => {
    const text = toBase64url((await createSigningKey('ed25519')).publicKey.raw);
    expect(parsePublicKeyText('ed25519', text).problem).toBeUndefined();
    const lastCharacter = text.at(-1) ?? '';
    const sameBytes = String.fromCharCode(lastCharacter.charCodeAt(0) + 1);
    for (const other of [`${text}=`, `${text} `, ` ${text}`, text.slice(0, -1) + sameBytes, `${text}\n`, '', '*']) {
      expect(parsePublicKeyText('ed25519', other).problem?.code).toBe('INVALID_KEY');
    }
  });
});

describe('base64url', () => {
  it('reads back all bytes, and refuses the spellings of ordinary base64', () => {
    fc.assert(
      fc.property(fc.uint8Array(), (bytes) => {
        expect(parseBase64url(toBase64url(bytes))).toEqual(Buffer.from(bytes));
      }),
    );
    expect(['+A', '/A', '-A==', '-B', '-', '-A\n', 'é'].map(parseBase64url)).toEqual(Array(7).fill(undefined));
  });
});

describe('addresses', () => {
  const address = toAddress('p-256', Buffer.alloc(65, 4));

  it('are read back with their algorithm', () => {
    expect(parseAddress(address).value?.algorithm).toBe('p-256');
    expect(toAddress('ed25519', Buffer.alloc(65, 4))).not.toBe(address);
  });

  it('are refused with any one character changed, added or left out', () => {
    for (let at = 0; at < address.length; at++) {
      for (const character of ['q', 'p', 'l', 'Q', '1', 'b', ' ']) {
        const changed = address.slice(0, at) + character + address.slice(at + 1);
        if (changed !== address) expect(parseAddress(changed).problem?.code).toBe('INVALID');
        expect(parseAddress(address.slice(0, at) + character + address.slice(at)).problem?.code).toBe('INVALID');
      }
      expect(parseAddress(address.slice(0, at) + address.slice(at + 1)).problem?.code).toBe('INVALID');
    }
    expect(parseAddress(address.toUpperCase()).problem?.code).toBe('INVALID');
  });
});

describe('signing keys', () => {
  it.each(['ed25519', 'p-256'] as const)('of %s sign, and survive a text file', async (algorithm) => {
    const key = await createSigningKey(algorithm);
    const copy = importSigningKey(JSON.parse(JSON.stringify(key.exportJwk())));
    const bytes = Buffer.from('some bytes');
    expect(copy.address).toBe(key.address);
    expect(isSignatureValid(key.publicKey, copy.sign(bytes), bytes)).toBe(true);
    expect(isSignatureValid(key.publicKey, copy.sign(bytes), Buffer.from('other bytes'))).toBe(false);
    expect(JSON.stringify(key)).not.toContain(key.exportJwk().d);
  });

  it.each(['rsa', 'ED25519', '__proto__', '', undefined, null])('are not made for the algorithm %j', async (name) => {
    const made: unknown = Reflect.apply(createSigningKey, undefined, [name]);
    await expect(made).rejects.toMatchObject({ code: 'INVALID' });
  });

  it('are refused as anything but a private key of a known algorithm', async () => {
    const { d: _private, ...publicHalf } = (await createSigningKey('p-256')).exportJwk();
    const other = { x: (await createSigningKey('ed25519')).exportJwk().x ?? '' };
    const mixed = { ...(await createSigningKey('ed25519')).exportJwk(), ...other };
    const foreign = (await createSigningKey('p-256')).exportJwk();
    for (const jwk of [
      null,
      'key',
      {},
      { kty: 'OKP' },
      publicHalf,
      { ...publicHalf, d: foreign.d ?? '' },
      mixed,
      { kty: 'oct', k: 'AA' },
    ]) {
      expect(() => importSigningKey(jwk)).toThrow(expect.objectContaining({ code: 'INVALID_KEY' }));
    }
  });

  it('never verify a signature of random bytes or length, and never throw', async () => {
    const { publicKey } = await createSigningKey('p-256');
    const ed25519 = await createSigningKey('ed25519');
    fc.assert(
      fc.property(fc.uint8Array({ minLength: 60, maxLength: 70 }), (signature) => {
        expect(isSignatureValid(publicKey, signature, signature)).toBe(false);
        expect(isSignatureValid(ed25519.publicKey, signature, signature)).toBe(false);
      }),
    );
  });
});
