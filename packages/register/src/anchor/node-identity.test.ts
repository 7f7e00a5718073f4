import { describe, expect, it } from 'vitest';
import { createSigningKey } from '../docket/signing-key.ts';
import { createNodeIdentity, parseNodeIdentity, toNodeIdentityText, toOrigin, toTrustedNode } from './node-identity.ts';

describe('a node identity', () => {
  it('comes back from its text, and signs as before', async () => {
    const identity = await createNodeIdentity('node-1.example');
    const again = parseNodeIdentity(toNodeIdentityText(identity));
    expect(again.name).toBe('node-1.example');
    expect(toTrustedNode(again).publicKey.raw).toEqual(toTrustedNode(identity).publicKey.raw);
    expect(again.key.sign(Buffer.from('x'))).toEqual(identity.key.sign(Buffer.from('x')));
  });

  it('gives each register an origin of its own', () => {
    expect(toOrigin('node.test', 'main')).toBe('node.test/main');
  });

  it.each(['', '-a', 'a-', 'A', 'a b', 'a+b', 'a/b', 'a\nb', 'a'.repeat(101)])('cannot be named %j', async (name) => {
    await expect(createNodeIdentity(name)).rejects.toMatchObject({ code: 'INVALID' });
  });

  it.each([undefined, null, 3, true, ['node']])('cannot be named by what is no text: %j', async (name) => {
    await expect(Reflect.apply(createNodeIdentity, undefined, [name])).rejects.toMatchObject({ code: 'INVALID' });
    expect((): unknown => Reflect.apply(parseNodeIdentity, undefined, [name])).toThrow(
      expect.objectContaining({ code: 'INVALID_KEY' }),
    );
  });

  it('is not read from text that is none', async () => {
    const whole = toNodeIdentityText(await createNodeIdentity('n'));
    const other = { name: 'n', privateKey: (await createSigningKey('p-256')).exportJwk() };
    for (const text of ['', '{}', '[]', '{"name":1,"privateKey":{}}', whole.slice(0, -4), JSON.stringify(other)]) {
      expect(() => parseNodeIdentity(text)).toThrow(expect.objectContaining({ code: 'INVALID_KEY' }));
    }
    const renamed = whole.replace('"name": "n"', '"name": "N N"');
    expect(() => parseNodeIdentity(renamed)).toThrow(expect.objectContaining({ code: 'INVALID' }));
  });
});
