import { describe, expect, it } from 'vitest';
import { merkleRoot } from '../docket/merkle-tree.ts';
import { sha256, sha256Hex, ZERO_HASH } from '../docket/sha256.ts';
import { createVerifiedFacts, type DocketFacts } from './verified-facts.ts';

const hashOf = (height: number) => sha256Hex(Buffer.from(`docket ${height}`));
const factsOf = (height: number): DocketFacts => ({
  hash: hashOf(height),
  digest: hashOf(height + 1000),
  previousHash: hashOf(height - 1),
  timestamp: height,
  transactionIds: [hashOf(2 * height + 2000), hashOf(2 * height + 2001)],
});
const missing = { kind: 'MissingData', detail: 'the docket is absent' } as const;
const forked = { kind: 'Forked', detail: 'another one' } as const;

function createFacts(size: number) {
  const facts = createVerifiedFacts();
  for (let height = 0; height < size; height++) facts.append(factsOf(height));
  return facts;
}

describe('verified facts', () => {
  it('know nothing at first', () => {
    const facts = createVerifiedFacts();
    expect(facts).toMatchObject({ size: 0, headHash: ZERO_HASH });
    expect(Buffer.from(facts.rootWith([])).equals(sha256(new Uint8Array()))).toBe(true);
    expect(facts.facts(0)).toBeUndefined();
    expect(facts.ranges()).toEqual([]);
  });

  it('have the root, the hashes and the places of what was added', () => {
    const facts = createFacts(5);
    const leaves = Array.from({ length: 7 }, (_, height) => Buffer.from(hashOf(height), 'hex'));
    expect(facts).toMatchObject({ size: 5, headHash: hashOf(4) });
    expect(Buffer.from(facts.rootWith([hashOf(5), hashOf(6)])).equals(merkleRoot(leaves))).toBe(true);
    expect(Buffer.from(facts.rootWith([])).equals(merkleRoot(leaves.slice(0, 5)))).toBe(true);
    expect(facts.hashesFrom(3)).toEqual([hashOf(3), hashOf(4)]);
    expect(facts.find(hashOf(2 * 3 + 2001))).toEqual({ height: 3, index: 1 });
    expect(facts.find(hashOf(0))).toBeUndefined();
  });

  it('have no hash to go on from above a height that is not proven', () => {
    const facts = createFacts(2);
    facts.extend(false);
    expect(facts).toMatchObject({ size: 3, headHash: ZERO_HASH });
  });

  it('keep what was found first, and when', () => {
    const facts = createFacts(5);
    facts.markDamaged({ height: 2, damage: missing, detectedAt: 100 });
    facts.markDamaged({ height: 2, damage: forked, detectedAt: 200 });
    expect(facts.damage(2)).toEqual(missing);
    expect(facts.ranges()).toEqual([{ from: 2, to: 2, ...missing, detectedAt: 100 }]);
  });

  it('join adjacent damage of one kind to a range as old as its oldest part, strays included', () => {
    const facts = createFacts(5);
    facts.markDamaged({ height: 9, damage: forked, detectedAt: 50 });
    facts.markDamaged({ height: 3, damage: missing, detectedAt: 300 });
    facts.markDamaged({ height: 2, damage: missing, detectedAt: 400 });
    facts.markDamaged({ height: 4, damage: forked, detectedAt: 500 });
    expect(facts.damages().map(({ height }) => height)).toEqual([2, 3, 4, 9]);
    expect(facts.ranges()).toMatchObject([
      { from: 2, to: 3, kind: 'MissingData', detectedAt: 300 },
      { from: 4, to: 4, kind: 'Forked', detectedAt: 500 },
      { from: 9, to: 9, kind: 'Forked', detectedAt: 50 },
    ]);
  });
});
