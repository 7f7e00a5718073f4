import { verify } from 'node:crypto';
import { createRequire } from 'node:module';
import type { PublicKey } from './public-key.ts';

/**
 * Verifies Ed25519 signatures (RFC 8032). All engines give the same verdict once the length of the signature and its R were
 * checked, as `isSignatureValid` does: S must be below the group order, and R must be the very encoding that the equation
 * without cofactor gives.
 */
export interface SignatureEngine {
  readonly name: 'libsodium' | 'node:crypto';
  verify(publicKey: PublicKey, signature: Uint8Array, bytes: Uint8Array): boolean;
}

/** The part of `sodium-native` that is used; it takes only buffers. */
interface Sodium {
  crypto_sign_verify_detached(signature: Buffer, message: Buffer, publicKey: Buffer): boolean;
}

/** The engine of Node itself, which is always there. */
export const NODE_ENGINE: SignatureEngine = {
  name: 'node:crypto',
  verify: ({ keyObject }, signature, bytes) => verify(null, bytes, keyObject, signature),
};

/** Verifies in about half the time. `undefined` where there is no binary for this machine. */
export const SODIUM_ENGINE: SignatureEngine | undefined = loadSodiumEngine();

/** The engine in use: the fastest that is there. */
export const SIGNATURE_ENGINE: SignatureEngine = SODIUM_ENGINE ?? NODE_ENGINE;

function loadSodiumEngine(): SignatureEngine | undefined {
  let sodium: unknown;
  try {
    // Not `import`: a thread that is terminated while it waits for one takes the whole process with it.
    sodium = createRequire(import.meta.url)('sodium-native');
  } catch {
    return undefined;
  }
  return isSodium(sodium)
    ? {
        name: 'libsodium',
        verify: ({ raw }, signature, bytes) =>
          sodium.crypto_sign_verify_detached(toBuffer(signature), toBuffer(bytes), toBuffer(raw)),
      }
    : undefined;
}

function isSodium(loaded: unknown): loaded is Sodium {
  return typeof loaded === 'object' && loaded !== null && 'crypto_sign_verify_detached' in loaded;
}

function toBuffer(bytes: Uint8Array): Buffer {
  return Buffer.isBuffer(bytes) ? bytes : Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}
