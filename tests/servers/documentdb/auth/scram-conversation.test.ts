import { createHash, createHmac, pbkdf2Sync } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { createCredentials } from './credentials.ts';
import { startScram } from './scram-conversation.ts';

const hmac = (key: Buffer, text: string) => createHmac('sha256', key).update(text).digest();

/** What a client does (RFC 5802). */
function answer(password: string, clientFirst: string, serverFirst: string, nonce?: string) {
  const [, r = '', s = '', i = ''] = /^r=([^,]+),s=([^,]+),i=(\d+)$/.exec(serverFirst) ?? [];
  const salted = pbkdf2Sync(password, Buffer.from(s, 'base64'), Number(i), 32, 'sha256');
  const clientKey = hmac(salted, 'Client Key');
  const storedKey = createHash('sha256').update(clientKey).digest();
  const withoutProof = `c=biws,r=${nonce ?? r}`;
  const authMessage = `${clientFirst.slice(3)},${serverFirst},${withoutProof}`;
  const signature = hmac(storedKey, authMessage);
  const proof = Buffer.from(clientKey.map((byte, index) => byte ^ (signature[index] ?? 0))).toString('base64');
  return {
    clientFinal: `${withoutProof},p=${proof}`,
    serverFinal: `v=${hmac(hmac(salted, 'Server Key'), authMessage).toString('base64')}`,
  };
}

const clientFirst = 'n,,n=a=2Cb=3Dc,r=client-nonce';
const credentials = await createCredentials('correct');
const start = async (first = clientFirst) => startScram(first, (name) => (name === 'a,b=c' ? credentials : undefined));

describe('a login with SCRAM-SHA-256', () => {
  it('succeeds with the right password, and proves the server in turn', async () => {
    const conversation = await start();
    const { clientFinal, serverFinal } = answer('correct', clientFirst, conversation?.serverFirst ?? '');
    expect(conversation?.userName).toBe('a,b=c');
    expect(conversation?.finish(clientFinal)).toBe(serverFinal);
  });

  it('fails with a wrong password, a foreign nonce, or nothing at all', async () => {
    const conversation = await start();
    const serverFirst = conversation?.serverFirst ?? '';
    for (const final of [
      answer('wrong', clientFirst, serverFirst).clientFinal,
      answer('correct', clientFirst, serverFirst, 'client-nonce').clientFinal,
      answer('correct', clientFirst, serverFirst).clientFinal.slice(0, -4),
      '',
    ]) {
      expect(conversation?.finish(final)).toBe(undefined);
    }
  });

  it.each(['', 'n,,n=a', 'n,,n=other,r=x', 'p=tls-unique,,n=a=2Cb=3Dc,r=x'])(
    'does not begin with %j',
    async (first) => {
      expect(await start(first)).toBe(undefined);
    },
  );

  it('keeps neither the password nor the same salt twice', async () => {
    const again = await createCredentials('correct');
    expect(again.salt).not.toBe(credentials.salt);
    expect(JSON.stringify(again)).not.toContain('correct');
  });
});
