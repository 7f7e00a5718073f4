import { createHash, randomBytes, timingSafeEqual } from 'node:crypto';
import { type Credentials, hmac } from './credentials.ts';

const NONCE_BYTES = 24;

/** A login with SCRAM-SHA-256 (RFC 5802, 7677), between its two steps. */
export interface ScramConversation {
  readonly userName: string;
  /** What to send to the client. */
  readonly serverFirst: string;
  /** Checks the proof in the client's second message. Returns what to send, or `undefined` when it proves nothing. */
  finish(clientFinal: string): string | undefined;
}

/** Begins a login with the client's first message; `undefined` when that is malformed or the user unknown. */
export async function startScram(
  clientFirst: string,
  findCredentials: (userName: string) => Promise<Credentials | undefined> | Credentials | undefined,
): Promise<ScramConversation | undefined> {
  const [, bare = '', name = '', clientNonce = ''] = /^[ny],[^,]*,(n=([^,]*),r=([^,]+))/.exec(clientFirst) ?? [];
  const userName = name.replaceAll('=2C', ',').replaceAll('=3D', '=');
  const credentials = clientNonce === '' ? undefined : await findCredentials(userName);
  if (credentials === undefined) {
    return undefined;
  }
  const nonce = clientNonce + randomBytes(NONCE_BYTES).toString('base64');
  const serverFirst = `r=${nonce},s=${credentials.salt},i=${credentials.iterations}`;
  return {
    userName,
    serverFirst,
    finish: (clientFinal) => {
      const [, withoutProof = '', returned, proof = ''] = /^(c=[^,]*,r=([^,]*)),p=(.*)$/.exec(clientFinal) ?? [];
      const storedKey = Buffer.from(credentials.storedKey, 'base64');
      const authMessage = `${bare},${serverFirst},${withoutProof}`;
      const clientKey = xor(Buffer.from(proof, 'base64'), hmac(storedKey, authMessage));
      const isProven = timingSafeEqual(createHash('sha256').update(clientKey).digest(), storedKey);
      if (!isProven || returned !== nonce) {
        return undefined;
      }
      return `v=${hmac(Buffer.from(credentials.serverKey, 'base64'), authMessage).toString('base64')}`;
    },
  };
}

function xor(a: Buffer, b: Buffer): Buffer {
  return Buffer.from(b.map((byte, index) => byte ^ (a[index] ?? 0)));
}
