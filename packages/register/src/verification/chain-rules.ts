import type { AnchoredHead, ChainInput } from './chain-input.ts';
import type { Damage } from './corruption.ts';
import type { DocketTable } from './docket-table.ts';
import { type ProvenHashes, recordAt, undamagedCheck } from './proven-hashes.ts';

/** The heights that were found verified so far. */
export interface VerifiedHeights {
  has(height: number): boolean;
}

/** What a well-formed docket must satisfy to stand at a height above 0; it depends on what is known about the height. */
export interface ChainRules {
  /** The hashes (hex) that the docket may continue; `undefined` when nothing is known about the docket below. */
  hashesBelow(height: number, verified: VerifiedHeights): readonly string[] | undefined;
  /** Why the docket with this hash does not belong at this height, given the heights verified so far. */
  findMisplacement(height: number, hash: string, verified: VerifiedHeights): Damage | undefined;
}

/** What there is to know about a register beyond its single records. */
export interface ChainKnowledge {
  readonly table: DocketTable;
  readonly anchor: AnchoredHead | undefined;
  readonly announced: ChainInput['announced'];
  /** Absent without an anchor, or when no list of hashes fits it. */
  readonly proven: ProvenHashes | undefined;
}

/** Chooses the rules for each height. */
export function chooseRules(knowledge: ChainKnowledge): (height: number) => ChainRules {
  const { anchor, proven } = knowledge;
  if (anchor === undefined) return () => unanchoredRules(knowledge);
  if (proven === undefined) return () => unprovenRules(knowledge);
  const below = provenRules(knowledge, proven);
  const above = extensionRules(knowledge, proven, anchor.size);
  return (height) => (height < anchor.size ? below : above);
}

/** Below an anchored head with proven hashes: the docket must be the very one that the head stands for. */
function provenRules({ table }: ChainKnowledge, proven: ProvenHashes): ChainRules {
  return {
    hashesBelow: (height) => [proven.at(height - 1), ...(storedHash(table, height - 1) ?? [])],
    findMisplacement: (height, hash) =>
      hash === proven.at(height) ? undefined : forked(`the docket sealed at this height is ${proven.at(height)}`),
  };
}

/** Above an anchored head: the docket must continue proven or verified ones and have been announced by this node. */
function extensionRules({ announced, table }: ChainKnowledge, proven: ProvenHashes, size: number): ChainRules {
  return {
    hashesBelow: (height, verified) => {
      if (height === size) return [proven.at(size - 1)];
      return verified.has(height - 1) ? storedHash(table, height - 1) : [];
    },
    findMisplacement: (height, hash) =>
      announced?.get(height)?.has(hash) === true
        ? undefined
        : forked('neither the anchored head nor an announcement of this node covers the docket'),
  };
}

/** With an anchored head that nothing fits: no docket can be proven, and only damage of its own has another name. */
function unprovenRules({ table }: ChainKnowledge): ChainRules {
  return {
    hashesBelow: (height) => storedHash(table, height - 1),
    findMisplacement: () => forked('the docket cannot be matched with the anchored head'),
  };
}

/** Without an anchored head: the docket must stand on an unbroken chain of verified dockets from height 0. */
function unanchoredRules({ table }: ChainKnowledge): ChainRules {
  return {
    hashesBelow: (height) => storedHash(table, height - 1),
    findMisplacement: (height, _hash, verified) =>
      height === 0 || verified.has(height - 1)
        ? undefined
        : { kind: 'BrokenChainLink', detail: `height ${height - 1} below it is not verified` },
  };
}

/** The hash of the record at a height, alone in a list, where the record is what it says it is. */
function storedHash(table: DocketTable, height: number): readonly string[] | undefined {
  const hash = undamagedCheck(recordAt(table, height))?.hash;
  return hash === undefined ? undefined : [hash];
}

function forked(detail: string): Damage {
  return { kind: 'Forked', detail };
}
