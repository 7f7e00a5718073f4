import { createMerkleAccumulator } from '../docket/merkle-tree.ts';
import { toHashBytes, ZERO_HASH } from '../docket/sha256.ts';
import { type CorruptionRange, type Damage, toCorruptionRanges } from '../verification/corruption.ts';

/** Where a transaction is sealed. */
export interface TransactionPlace {
  readonly height: number;
  /** Position in the docket, from 0. */
  readonly index: number;
}

/** What is remembered of a verified docket. Its bytes are read again when asked for, and compared with `digest`. */
export interface DocketFacts {
  /** The docket hash, hex. */
  readonly hash: string;
  /** SHA-256 of the verified record, hex. */
  readonly digest: string;
  readonly transactionIds: readonly string[];
}

/** Damage at a height, and when it was found. */
export interface FoundDamage {
  readonly height: number;
  readonly damage: Damage;
  /** Milliseconds since 1970. */
  readonly detectedAt: number;
}

/** What a register knows: the facts of every proven docket, the damage of every other height, and the next head. */
export interface VerifiedFacts {
  /** Number of heights known to exist. */
  readonly size: number;
  /** The hash that the next docket links to; 64 zeros when there is no docket, or the newest is not proven. */
  readonly headHash: string;
  /** RFC 6962 root over the docket hashes and further ones (32 bytes); the register's only while every height is proven. */
  rootWith(hashes: readonly string[]): Uint8Array;
  /** The hashes of all dockets from a height on, hex. */
  hashesFrom(height: number): string[];
  facts(height: number): DocketFacts | undefined;
  damage(height: number): Damage | undefined;
  find(transactionId: string): TransactionPlace | undefined;
  /** All damage, ascending by height; strays above `size` included. */
  damages(): FoundDamage[];
  /** All damage as ranges. */
  ranges(): CorruptionRange[];
  /** Adds the next height: its facts, or nothing where it is not proven. */
  append(facts: DocketFacts | undefined): void;
  /** Notes damage: at a height that was proven before, or at one that never was. What was found first stays. */
  markDamaged(found: FoundDamage): void;
}

/** Starts without any docket. */
export function createVerifiedFacts(): VerifiedFacts {
  const proven: (DocketFacts | undefined)[] = [];
  const damaged = new Map<number, FoundDamage>();
  const places = new Map<string, TransactionPlace>();
  const tree = createMerkleAccumulator();
  const listDamages = () => [...damaged.values()].sort((a, b) => a.height - b.height);
  return {
    get size() {
      return proven.length;
    },
    get headHash() {
      return proven.at(-1)?.hash ?? ZERO_HASH;
    },
    rootWith: (hashes) => {
      const longer = tree.copy();
      for (const hash of hashes) {
        longer.append(toHashBytes(hash));
      }
      return longer.root();
    },
    hashesFrom: (height) => proven.slice(height).flatMap((facts) => facts?.hash ?? []),
    facts: (height) => proven[height],
    damage: (height) => damaged.get(height)?.damage,
    find: (transactionId) => places.get(transactionId),
    damages: listDamages,
    // Every found damage has its own time.
    ranges: () => toCorruptionRanges(listDamages(), 0),
    append: (facts) => {
      const height = proven.push(facts) - 1;
      if (facts === undefined) {
        return;
      }
      tree.append(toHashBytes(facts.hash));
      for (const [index, id] of facts.transactionIds.entries()) {
        places.set(id, { height, index });
      }
    },
    markDamaged: (found) => {
      if (!damaged.has(found.height)) {
        damaged.set(found.height, found);
      }
    },
  };
}
