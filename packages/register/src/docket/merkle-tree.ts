import { sha256 } from './sha256.ts';

const HASH_BYTES = 32;
const LEAF_PREFIX = 0x00;
const NODE_PREFIX = 0x01;

/** A Merkle tree that grows leaf by leaf and keeps only one hash per level. */
export interface MerkleAccumulator {
  /** How many leaves were appended. */
  readonly size: number;
  /** Appends the data of the next leaf. */
  append(leaf: Uint8Array): void;
  /** The tree hash over all leaves so far (32 bytes); it can be asked at any size. */
  root(): Uint8Array;
  /** A tree of its own that starts with the leaves so far. */
  copy(): MerkleAccumulator;
}

/** Starts an empty Merkle tree with the hashing of RFC 6962, section 2.1. */
export function createMerkleAccumulator(): MerkleAccumulator {
  return continueTree([], 0);
}

/** @param subtrees the roots of the perfect subtrees that the leaves form, largest first: one for each 1 bit of `size`. */
function continueTree(subtrees: Uint8Array[], sizeSoFar: number): MerkleAccumulator {
  let size = sizeSoFar;
  return {
    get size() {
      return size;
    },
    append(leaf) {
      let hash = hashLeaf(leaf);
      size += 1;
      for (let rest = size; rest % 2 === 0; rest /= 2) {
        const left = subtrees.pop();
        if (left !== undefined) hash = hashNode(left, hash);
      }
      subtrees.push(hash);
    },
    root() {
      const smallest = subtrees.at(-1);
      if (smallest === undefined) return sha256(new Uint8Array());
      return subtrees.slice(0, -1).reduceRight((right, left) => hashNode(left, right), smallest);
    },
    copy: () => continueTree([...subtrees], size),
  };
}

/** The Merkle tree hash of RFC 6962, section 2.1, over the data of some leaves (32 bytes). */
export function merkleRoot(leaves: Iterable<Uint8Array>): Uint8Array {
  const tree = createMerkleAccumulator();
  for (const leaf of leaves) tree.append(leaf);
  return tree.root();
}

function hashLeaf(leaf: Uint8Array): Uint8Array {
  const bytes = Buffer.allocUnsafe(1 + leaf.length);
  bytes[0] = LEAF_PREFIX;
  bytes.set(leaf, 1);
  return sha256(bytes);
}

function hashNode(left: Uint8Array, right: Uint8Array): Uint8Array {
  const bytes = Buffer.allocUnsafe(1 + 2 * HASH_BYTES);
  bytes[0] = NODE_PREFIX;
  bytes.set(left, 1);
  bytes.set(right, 1 + HASH_BYTES);
  return sha256(bytes);
}
