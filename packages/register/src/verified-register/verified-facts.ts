import { createMerkleAccumulator } from '../docket/merkle-tree.ts';
import { toHashBytes, ZERO_HASH } from '../docket/sha256.ts';
import type { Damage, HeightVerdict } from '../verification/corruption.ts';

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

/** What a register knows: the facts of every proven docket, the damage of every other height, and the next head. */
export interface VerifiedFacts {
  /** Number of heights known to exist. */
  readonly size: number;
  /** The hash that the next docket links to. */
  readonly headHash: string;
  /** RFC 6962 root over the docket hashes and further ones (32 bytes); the register's only while every height is proven. */
  rootWith(hashes: readonly string[]): Uint8Array;
  /** The hashes of all dockets from a height on, hex. */
  hashesFrom(height: number): string[];
  facts(height: number): DocketFacts | undefined;
  damage(height: number): Damage | undefined;
  find(transactionId: string): TransactionPlace | undefined;
  /** Every height with its verdict, ascending; strays above `size` included. */
  verdicts(): HeightVerdict[];
  /** Adds the next height: its facts, or nothing where it is not proven. */
  append(facts: DocketFacts | undefined): void;
  /** Notes damage: at a height that was proven before, or at one that never was. */
  markDamaged(height: number, damage: Damage): void;
}

/** Starts without any docket. */
export function createVerifiedFacts(): VerifiedFacts {
  const proven: (DocketFacts | undefined)[] = [];
  const damages = new Map<number, Damage>();
  const places = new Map<string, TransactionPlace>();
  const tree = createMerkleAccumulator();
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
    damage: (height) => damages.get(height),
    find: (transactionId) => places.get(transactionId),
    verdicts: () => [
      ...proven.map((_, height): HeightVerdict => toVerdict(height, damages.get(height))),
      ...[...damages.keys()]
        .filter((height) => height >= proven.length)
        .sort((a, b) => a - b)
        .map((height) => toVerdict(height, damages.get(height))),
    ],
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
    markDamaged: (height, damage) => {
      damages.set(height, damage);
    },
  };
}

function toVerdict(height: number, damage: Damage | undefined): HeightVerdict {
  return damage === undefined ? { height } : { height, damage };
}
