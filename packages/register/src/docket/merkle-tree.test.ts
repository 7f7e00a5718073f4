import { createHash } from 'node:crypto';
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createMerkleAccumulator, merkleRoot } from './merkle-tree.ts';

const hex = (bytes: Uint8Array) => Buffer.from(bytes).toString('hex');
const sha256 = (...parts: Uint8Array[]) => createHash('sha256').update(Buffer.concat(parts)).digest();

/** The definition in RFC 6962, section 2.1, word for word. */
function defineRoot(leaves: readonly Uint8Array[]): Uint8Array {
  const [first] = leaves;
  if (first === undefined) return sha256();
  if (leaves.length === 1) return sha256(Uint8Array.of(0), first);
  const k = 2 ** Math.floor(Math.log2(leaves.length - 1));
  return sha256(Uint8Array.of(1), defineRoot(leaves.slice(0, k)), defineRoot(leaves.slice(k)));
}

describe('Merkle tree', () => {
  it('hashes no leaves to the hash of nothing', () => {
    expect(hex(merkleRoot([]))).toBe('e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855');
  });

  it('agrees with the recursive definition for every size up to 130', () => {
    const tree = createMerkleAccumulator();
    const leaves: Uint8Array[] = [];
    for (let size = 0; size <= 130; size++) {
      expect(tree.size).toBe(size);
      expect(hex(tree.root())).toBe(hex(defineRoot(leaves)));
      leaves.push(Buffer.from(`leaf ${size}`));
      tree.append(Buffer.from(`leaf ${size}`));
    }
  });

  it('agrees with the recursive definition for random leaves', () => {
    fc.assert(
      fc.property(fc.array(fc.uint8Array({ maxLength: 80 }), { maxLength: 70 }), (leaves) => {
        expect(hex(merkleRoot(leaves))).toBe(hex(defineRoot(leaves)));
      }),
    );
  });

  it('tells two leaves from one leaf that looks like their node', () => {
    const [left, right] = [Buffer.from('left'), Buffer.from('right')];
    const node = Buffer.concat([merkleRoot([left]), merkleRoot([right])]);
    expect(hex(merkleRoot([node]))).not.toBe(hex(merkleRoot([left, right])));
  });

  it('keeps giving the same root after more leaves were appended elsewhere', () => {
    const tree = createMerkleAccumulator();
    tree.append(Buffer.from('a'));
    const before = tree.root();
    const copy = hex(before);
    tree.append(Buffer.from('b'));
    tree.append(Buffer.from('c'));
    expect(hex(before)).toBe(copy);
  });
});
