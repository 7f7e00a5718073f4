import { createHash, createHmac, pbkdf2, randomBytes } from 'node:crypto';
import { promisify } from 'node:util';

/** As MongoDB sets it. */
const ITERATIONS = 15_000;
const SALT_BYTES = 28;
const KEY_BYTES = 32;

/** What is kept of a password: enough to check a proof of it, all in base64. */
export interface Credentials {
  readonly salt: string;
  readonly iterations: number;
  readonly storedKey: string;
  readonly serverKey: string;
}

/** Derives what is kept of a password (RFC 5802, with SHA-256). */
export async function createCredentials(password: string): Promise<Credentials> {
  const salt = randomBytes(SALT_BYTES);
  const salted = await promisify(pbkdf2)(password.normalize('NFKC'), salt, ITERATIONS, KEY_BYTES, 'sha256');
  const clientKey = hmac(salted, 'Client Key');
  return {
    salt: salt.toString('base64'),
    iterations: ITERATIONS,
    storedKey: createHash('sha256').update(clientKey).digest('base64'),
    serverKey: hmac(salted, 'Server Key').toString('base64'),
  };
}

export function hmac(key: Buffer, text: string): Buffer {
  return createHmac('sha256', key).update(text).digest();
}
