import { sha256Latin1 } from './sha256.ts';

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

/** A hash as text of 32 characters that are a byte each: node:crypto gives it in half the time of a buffer. */
type HashText = string;

/** Starts an empty Merkle tree with the hashing of RFC 6962, section 2.1. */
export function createMerkleAccumulator(): MerkleAccumulator {
  return continueTree([], 0);
}

/** @param subtrees the roots of the perfect subtrees that the leaves form, largest first: one for each 1 bit of `size`. */
function continueTree(subtrees: HashText[], sizeSoFar: number): MerkleAccumulator {
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
      const smallest = subtrees.at(-1) ?? sha256Latin1(new Uint8Array());
      return Buffer.from(
        subtrees.slice(0, -1).reduceRight((right, left) => hashNode(left, right), smallest),
        'latin1',
      );
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

// Nothing is awaited between filling these and hashing them, so all trees can share them.
const node = Buffer.alloc(1 + 2 * HASH_BYTES, NODE_PREFIX);
const ordinaryLeaf = Buffer.alloc(16_384, LEAF_PREFIX);

function hashLeaf(leaf: Uint8Array): HashText {
  const length = 1 + leaf.length;
  const bytes = length <= ordinaryLeaf.length ? ordinaryLeaf : Buffer.alloc(length, LEAF_PREFIX);
  bytes.set(leaf, 1);
  return sha256Latin1(bytes.subarray(0, length));
}

function hashNode(left: HashText, right: HashText): HashText {
  node.write(left, 1, HASH_BYTES, 'latin1');
  node.write(right, 1 + HASH_BYTES, HASH_BYTES, 'latin1');
  return sha256Latin1(node);
}
