import { createMerkleAccumulator } from '../docket/merkle-tree.ts';
import { toHashBytes } from '../docket/sha256.ts';
import type { AnchoredHead, ChainRecord } from './chain-input.ts';
import type { DocketTable } from './docket-table.ts';

const HASH_BYTES = 32;

/** The hashes of all dockets under an anchored head, proven by its root, and where they were taken from. */
export interface ProvenHashes {
  readonly from: 'hint' | 'records';
  /** The proven hash at a height below the anchored size, in hex. */
  at(height: number): string;
  /** Says whether that is this hash (32 bytes). */
  is(height: number, hash: Uint8Array): boolean;
}

/**
 * Finds the docket hashes that an anchored root stands for: in the hint, else pieced together from the
 * records. Both may be forged; a list counts only if the root over it is the anchored root. `undefined` if neither fits.
 */
export function findProvenHashes(anchor: AnchoredHead, table: DocketTable): ProvenHashes | undefined {
  const hinted = findHintedHashes(anchor);
  if (hinted !== undefined) return hinted;
  const candidates = gatherCandidates(anchor.size, table);
  return candidates !== undefined && isProven(candidates, anchor) ? toProven('records', candidates) : undefined;
}

/** The hint, if it is proven: for that no record is needed. */
export function findHintedHashes(anchor: AnchoredHead): ProvenHashes | undefined {
  const { hashes } = anchor;
  return hashes !== undefined && isProven(hashes, anchor) ? toProven('hint', hashes) : undefined;
}

function isProven(hashes: Uint8Array, { size, root }: AnchoredHead): boolean {
  if (hashes.length < size * HASH_BYTES) return false;
  const tree = createMerkleAccumulator();
  for (let height = 0; height < size; height++) {
    tree.append(hashes.subarray(height * HASH_BYTES, (height + 1) * HASH_BYTES));
  }
  return Buffer.from(tree.root()).equals(root);
}

function toProven(from: ProvenHashes['from'], hashes: Uint8Array): ProvenHashes {
  const bytes = Buffer.from(hashes);
  return {
    from,
    at: (height) => bytes.toString('hex', height * HASH_BYTES, (height + 1) * HASH_BYTES),
    is: (height, hash) => bytes.compare(hash, 0, HASH_BYTES, height * HASH_BYTES, (height + 1) * HASH_BYTES) === 0,
  };
}

/**
 * For each height the best lead on its hash: what an undamaged record hashes to, else what the undamaged record
 * above it says, else what the damaged record claims. `undefined` when a height has no lead.
 */
function gatherCandidates(size: number, table: DocketTable): Uint8Array | undefined {
  // Two adjacent absent records leave no lead, so fewer records cannot be enough; this also bounds the memory.
  if (table.length < Math.floor(size / 2)) return undefined;
  const hashes = Buffer.alloc(size * HASH_BYTES);
  for (let height = 0; height < size; height++) {
    const above = undamagedCheck(recordAt(table, height + 1));
    const own = recordAt(table, height);
    const hash = undamagedCheck(own)?.hash ?? above?.previousHash ?? own?.check?.claimedHash;
    if (hash === undefined) return undefined;
    hashes.set(toHashBytes(hash), height * HASH_BYTES);
  }
  return hashes;
}

/** The record at a height. */
export function recordAt(table: DocketTable, height: number): ChainRecord | undefined {
  const row = table.find(height);
  return row === -1 ? undefined : table.record(row);
}

/** The check of a record that is what it says it is, signatures aside. */
export function undamagedCheck(record: ChainRecord | undefined) {
  return record?.check?.damage === undefined ? record?.check : undefined;
}
