import { createMerkleAccumulator } from '../docket/merkle-tree.ts';
import { toHashBytes, toHex, ZERO_HASH } from '../docket/sha256.ts';
import { type CorruptionRange, type Damage, toCorruptionRanges } from '../verification/corruption.ts';
import { createDocketTable, type DocketTable, type SoundDocket } from '../verification/docket-table.ts';
import type { TransactionIndex } from '../verification/transaction-index.ts';

/** Where a transaction is sealed. */
export interface TransactionPlace {
  readonly height: number;
  /** Position in the docket, from 0. */
  readonly index: number;
}

/** What is remembered of a verified docket. Its bytes are read again when asked for, and compared with `digest`. */
export type DocketFacts = Omit<SoundDocket, 'height'>;

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
  /** When the proven docket at a height was sealed, milliseconds since 1970. */
  timestamp(height: number): number | undefined;
  damage(height: number): Damage | undefined;
  find(transactionId: string): TransactionPlace | undefined;
  /** All damage, ascending by height; strays above `size` included. */
  damages(): FoundDamage[];
  /** All damage as ranges. */
  ranges(): CorruptionRange[];
  /** Adds the next height with what was verified. */
  append(facts: DocketFacts): void;
  /** Adds the next height: its verified docket is in the table already, or it is not proven. */
  extend(isProven: boolean): void;
  /** Notes damage: at a height that was proven before, or at one that never was. What was found first stays. */
  markDamaged(found: FoundDamage): void;
}

/** Where the facts of proven dockets lie, and their transactions. */
export interface KnownDockets {
  readonly table: DocketTable;
  readonly transactions: TransactionIndex;
}

/** Starts without any height. What a verification found can already be there; `extend` then takes it over. */
export function createVerifiedFacts(known: KnownDockets = createEmpty()): VerifiedFacts {
  const { table, transactions } = known;
  let size = 0;
  const unproven = new Set<number>();
  const tree = createMerkleAccumulator();
  const rowAt = (height: number) => (height < size && !unproven.has(height) ? table.find(height) : -1);
  const hashAt = (row: number) => toHex(table.hash(row));
  const facts: VerifiedFacts = {
    get size() {
      return size;
    },
    get headHash() {
      const row = rowAt(size - 1);
      return row === -1 ? ZERO_HASH : hashAt(row);
    },
    rootWith: (hashes) => {
      const longer = tree.copy();
      for (const hash of hashes) {
        longer.append(toHashBytes(hash));
      }
      return longer.root();
    },
    hashesFrom: (height) => {
      const hashes: string[] = [];
      for (let at = height; at < size; at += 1) {
        const row = rowAt(at);
        hashes.push(...(row === -1 ? [] : [hashAt(row)]));
      }
      return hashes;
    },
    facts: (height) => {
      const row = rowAt(height);
      return row === -1 ? undefined : toFacts(table, row);
    },
    timestamp: (height) => {
      const row = rowAt(height);
      return row === -1 ? undefined : table.timestamp(row);
    },
    find: (transactionId) => {
      const number = transactions.find(toHashBytes(transactionId));
      const row = number === undefined ? -1 : table.rowOf(number);
      return number === undefined || table.height(row) >= size
        ? undefined
        : { height: table.height(row), index: number - table.transactionsOf(row).from };
    },
    ...createDamages(),
    append: (docket) => {
      table.appendSound({ ...docket, height: size });
      const { from, to } = table.transactionsOf(table.length - 1);
      for (let number = from; number < to; number += 1) {
        transactions.add(number);
      }
      facts.extend(true);
    },
    extend: (isProven) => {
      if (isProven) {
        tree.append(table.hash(table.find(size)));
      } else {
        unproven.add(size);
      }
      size += 1;
    },
  };
  return facts;
}

/** What was found damaged, by height. */
function createDamages(): Pick<VerifiedFacts, 'damage' | 'damages' | 'ranges' | 'markDamaged'> {
  const damaged = new Map<number, FoundDamage>();
  const damages = () => [...damaged.values()].sort((a, b) => a.height - b.height);
  return {
    damage: (height) => damaged.get(height)?.damage,
    damages,
    // Every found damage has its own time.
    ranges: () => toCorruptionRanges(damages(), 0),
    markDamaged: (found) => {
      if (!damaged.has(found.height)) {
        damaged.set(found.height, found);
      }
    },
  };
}

function createEmpty(): KnownDockets {
  const table = createDocketTable();
  return { table, transactions: table.createIndex() };
}

function toFacts(table: DocketTable, row: number): DocketFacts {
  const { from, to } = table.transactionsOf(row);
  return {
    hash: toHex(table.hash(row)),
    digest: toHex(table.digest(row)),
    previousHash: toHex(table.previousHash(row)),
    timestamp: table.timestamp(row),
    transactionIds: Array.from({ length: to - from }, (_, index) => table.transactionId(from + index)),
  };
}
