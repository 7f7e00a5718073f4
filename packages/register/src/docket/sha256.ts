import { hash } from 'node:crypto';

const SHA256_HEX = /^[0-9a-f]{64}$/;

/** The `previousHash` of the first docket of a register. */
export const ZERO_HASH = '0'.repeat(64);

/** SHA-256 of some bytes, as 64 lower-case hex digits. */
export function sha256Hex(bytes: Uint8Array): string {
  return hash('sha256', bytes, 'hex');
}

/** SHA-256 of some bytes, as text of 32 characters that are a byte each: asking node:crypto for a buffer takes twice as long. */
export function sha256Latin1(bytes: Uint8Array): string {
  return hash('sha256', bytes, 'binary');
}

/** SHA-256 of some bytes, as 32 bytes. */
export function sha256(bytes: Uint8Array): Buffer {
  return Buffer.from(sha256Latin1(bytes), 'latin1');
}

/** True for the one accepted spelling of a hash or a transaction id: 64 lower-case hex digits. */
export function isSha256Hex(value: unknown): value is string {
  return typeof value === 'string' && SHA256_HEX.test(value);
}

/** The 32 bytes of a hash; the text must satisfy `isSha256Hex`. */
export function toHashBytes(hex: string): Buffer {
  return Buffer.from(hex, 'hex');
}

/** Bytes as lower-case hex digits, without copying them. */
export function toHex(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString('hex');
}
