import { hash } from 'node:crypto';

const SHA256_HEX = /^[0-9a-f]{64}$/;

/** The `previousHash` of the first docket of a register. */
export const ZERO_HASH = '0'.repeat(64);

/** SHA-256 of some bytes, as 64 lower-case hex digits. */
export function sha256Hex(bytes: Uint8Array): string {
  return hash('sha256', bytes, 'hex');
}

/** SHA-256 of some bytes, as 32 bytes. */
export function sha256(bytes: Uint8Array): Buffer {
  // Asking node:crypto for a buffer takes twice as long as going through text.
  return Buffer.from(hash('sha256', bytes, 'hex'), 'hex');
}

/** True for the one accepted spelling of a hash or a transaction id: 64 lower-case hex digits. */
export function isSha256Hex(value: unknown): value is string {
  return typeof value === 'string' && SHA256_HEX.test(value);
}

/** The 32 bytes of a hash; the text must satisfy `isSha256Hex`. */
export function toHashBytes(hex: string): Buffer {
  return Buffer.from(hex, 'hex');
}
