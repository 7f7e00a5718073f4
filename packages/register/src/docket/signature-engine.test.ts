import { readFileSync } from 'node:fs';
import { chooseSeed, createRandom } from '@sorcha/storage/testing';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { parsePublicKey } from './public-key.ts';
import { isSignatureValid } from './signature.ts';
import { NODE_ENGINE, SIGNATURE_ENGINE, SODIUM_ENGINE } from './signature-engine.ts';
import { createSigningKey } from './signing-key.ts';

const ROUNDS = 2_000;
const hex = z.hex().transform((text) => Buffer.from(text, 'hex'));
const { cases } = z
  .object({
    cases: z.array(
      z.object({ message: hex, publicKey: hex, signature: hex, isAccepted: z.boolean(), why: z.string() }),
    ),
  })
  .parse(JSON.parse(readFileSync(new URL('../../vectors/ed25519-edge-cases.json', import.meta.url), 'utf8')));
const engines = [NODE_ENGINE, ...(SODIUM_ENGINE === undefined ? [] : [SODIUM_ENGINE])];

/** The verdict of the register: of a key that is refused, nothing is valid. */
function judge(engine: typeof NODE_ENGINE, raw: Uint8Array, signature: Uint8Array, message: Uint8Array): boolean {
  const { value } = parsePublicKey('ed25519', raw);
  return value !== undefined && isSignatureValid(value, signature, message, engine);
}

function flip(bytes: Buffer, bit: number): void {
  bytes[bit >> 3] = (bytes[bit >> 3] ?? 0) ^ (1 << (bit & 7));
}

describe('the engines', () => {
  it('are both here, and the faster one is in use', () => {
    expect(engines.map(({ name }) => name)).toEqual(['node:crypto', 'libsodium']);
    expect(SIGNATURE_ENGINE).toBe(SODIUM_ENGINE);
  });

  it.each(engines)('$name decides the twelve public edge cases by the one rule', (engine) => {
    expect(cases).toHaveLength(12);
    for (const { message, publicKey, signature, isAccepted, why } of cases) {
      expect(judge(engine, publicKey, signature, message), why).toBe(isAccepted);
    }
  });

  it.each(engines)('$name is not asked about the key of the identity, under which one signature fits all', (engine) => {
    const identity = Buffer.from(`01${'00'.repeat(31)}`, 'hex');
    expect(judge(engine, identity, Buffer.concat([identity, Buffer.alloc(32)]), Buffer.from('pay me'))).toBe(false);
  });

  it('give the same verdict on signatures with random changes', async () => {
    const random = createRandom(chooseSeed('signature engines'));
    const below = (limit: number) => Math.floor(random() * limit);
    const key = await createSigningKey('ed25519');
    // What could slip through besides a changed bit: other parts of the edge cases, with which R or S are weak or too large.
    const parts = cases.flatMap(({ signature }) => [signature.subarray(0, 32), signature.subarray(32)]);
    let accepted = 0;
    for (let round = 0; round < ROUNDS; round += 1) {
      const message = Buffer.from(`message ${round}`);
      const signature = Buffer.from(key.sign(message));
      const change = below(4);
      if (change === 1) flip(signature, below(512));
      if (change === 2) signature.set(parts[below(parts.length)] ?? [], 32 * below(2));
      if (change === 3) flip(message, below(8 * message.length));
      const verdicts = engines.map((engine) => isSignatureValid(key.publicKey, signature, message, engine));
      expect(new Set(verdicts), signature.toString('hex')).toHaveProperty('size', 1);
      accepted += verdicts[0] === true ? 1 : 0;
      expect(verdicts[0]).toBe(change === 0);
    }
    expect(accepted).toBeGreaterThan(ROUNDS / 5);
  });

  it.each(engines)('$name refuses signatures of another length', (engine) => {
    const publicKey = cases[3]?.publicKey ?? new Uint8Array();
    expect(parsePublicKey('ed25519', publicKey).value).toBeDefined();
    for (const length of [0, 32, 63, 65]) {
      expect(judge(engine, publicKey, Buffer.alloc(length, 2), Buffer.from('x'))).toBe(false);
    }
  });
});
