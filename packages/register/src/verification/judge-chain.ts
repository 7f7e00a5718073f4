import { ZERO_HASH } from '../docket/sha256.ts';
import type { AnchoredHead, ChainInput, ChainRecord } from './chain-input.ts';
import { type ChainRules, chooseRules } from './chain-rules.ts';
import type { Damage, HeightVerdict } from './corruption.ts';
import { type DocketTable, toDocketTable } from './docket-table.ts';
import { createHeightSet, type HeightSet } from './height-set.ts';
import { findHintedHashes, findProvenHashes, type ProvenHashes } from './proven-hashes.ts';
import type { TransactionIndex } from './transaction-index.ts';

/**
 * Without an anchored head only the records say how long a register is. More absent heights than this, all together,
 * are not believed: what lies above is reported as stray, instead of millions of heights as missing.
 */
const MOST_ABSENT = 1_000_000;

/** What is proven and what is damaged in a register. */
export interface ChainJudgement {
  /** Heights 0 to `size - 1` are known to exist: the anchored size plus `extension`, or what the records show. */
  readonly size: number;
  /** One verdict for every height below `size` and for every present record above, in ascending order. */
  readonly verdicts: readonly HeightVerdict[];
  /** Verified dockets directly above the anchored head, which the next head must include; 0 without an anchor. */
  readonly extension: number;
  /** Where the proven hashes were found; `none` without an anchor, or when nothing hashes to its root. */
  readonly hashesFrom: ProvenHashes['from'] | 'none';
}

/**
 * Decides every height of a register from the checks of its records, the anchored head and the announced
 * hashes. Pure. Where an anchor proves the hash of a docket, damage to its neighbours does not make it corrupt.
 */
export function judgeChain({ records, ...head }: ChainInput): ChainJudgement {
  return createChainJudge({ ...head, table: toDocketTable(records) }).finish();
}

/** As {@link ChainInput}, with the records in a table that may still be growing. */
export interface JudgeInput extends Omit<ChainInput, 'records'> {
  readonly table: DocketTable;
  /** Told of every height in ascending order, as soon as its verdict is final. */
  readonly onVerdict?: (verdict: HeightVerdict) => void;
}

/** Decides heights in ascending order, while the table above them is still being filled. */
export interface ChainJudge {
  /** Decides the anchored heights below `height`, for which every record must be in the table: it has none of the others. */
  advance(height: number): void;
  /** Decides what is left; to be called once. All records must be in the table. Announcements may be newer than those at the start. */
  finish(announced?: ChainInput['announced']): ChainJudgement;
  /** The transactions of the dockets that are verified so far. */
  readonly sealed: TransactionIndex;
}

/** Starts to decide. Only where the hint is proven can anything be decided before all records are there. */
export function createChainJudge({ table, anchor, announced, onVerdict }: JudgeInput): ChainJudge {
  const hinted = anchor === undefined ? undefined : findHintedHashes(anchor);
  const progress: Progress = { verified: createHeightSet(), sealed: table.createIndex(), table };
  const verdicts: HeightVerdict[] = [];
  let told = 0;
  const tell = () => {
    for (const verdict of verdicts.slice(told)) onVerdict?.(verdict);
    told = verdicts.length;
  };
  const decide = (height: number, damage: Damage | undefined) =>
    void verdicts.push(damage === undefined ? { height } : { height, damage });
  const judgeBelow = (end: number, proven: ProvenHashes | undefined) => {
    const rulesAt = chooseRules({ table, anchor, announced, proven });
    for (let height = verdicts.length; height < end; height++) {
      const row = table.find(height);
      decide(height, row === -1 ? ABSENT : judgeRow(row, { rules: rulesAt(height), proven, anchor }, progress));
      // What is absent has its final name only when something above it is there, or nothing.
      if (row !== -1) tell();
    }
  };
  return {
    sealed: progress.sealed,
    advance: (height) => {
      if (hinted !== undefined && anchor !== undefined) judgeBelow(Math.min(height, anchor.size), hinted);
    },
    finish: (newest = announced) => {
      const proven = hinted ?? (anchor === undefined ? undefined : findProvenHashes(anchor, table));
      const known = anchor?.size ?? measure(table);
      judgeBelow(known, proven);
      if (anchor !== undefined) nameRolledBack(verdicts, table, known);
      const rulesAt = chooseRules({ table, anchor, announced: newest, proven });
      for (let row = 0; row < table.length; row++) {
        const height = table.height(row);
        if (height >= known) decide(height, judgeRow(row, { rules: rulesAt(height), proven, anchor }, progress));
      }
      tell();
      let extension = 0;
      while (progress.verified.has(known + extension)) extension += 1;
      return { size: known + extension, verdicts, extension, hashesFrom: proven?.from ?? 'none' };
    },
  };
}

/** What the heights judged so far add to the knowledge about the next. */
interface Progress {
  readonly table: DocketTable;
  readonly verified: HeightSet;
  /** The transactions of verified dockets. */
  readonly sealed: TransactionIndex;
}

/** What a row is judged by. */
interface RowRules {
  readonly rules: ChainRules;
  readonly proven: ProvenHashes | undefined;
  readonly anchor: AnchoredHead | undefined;
}

/** Most rows break no rule, which can be seen without looking at them as a whole. */
function judgeRow(row: number, { rules, proven, anchor }: RowRules, progress: Progress): Damage | undefined {
  const { table } = progress;
  const height = table.height(row);
  const isProven =
    proven !== undefined &&
    height > 0 &&
    height < (anchor?.size ?? 0) &&
    table.isSound(row) &&
    proven.is(height - 1, table.previousHash(row)) &&
    proven.is(height, table.hash(row));
  return (isProven ? undefined : judgeRecord(table.record(row), rules, progress)) ?? seal(row, progress);
}

/** The order of the rules is fixed: what is wrong with the docket alone comes before what is wrong with its place. */
function judgeRecord(record: ChainRecord, rules: ChainRules, progress: Progress): Damage | undefined {
  const { height, check } = record;
  if (check === undefined) {
    return { kind: 'MalformedData', detail: `the record cannot be read: ${record.unreadable}` };
  }
  if (check.damage !== undefined) return check.damage;

  const below = height === 0 ? [ZERO_HASH] : rules.hashesBelow(height, progress.verified);
  if (below !== undefined && !below.includes(check.previousHash ?? '')) {
    return {
      kind: 'BrokenChainLink',
      detail: `the docket continues ${check.previousHash}, not ${below[0] ?? 'a verified docket'}`,
    };
  }
  if (check.badSignature !== undefined) {
    const { index, transactionId, detail } = check.badSignature;
    return { kind: 'InvalidTransactionSignature', detail: `transaction ${index} (${transactionId}): ${detail}` };
  }
  const misplaced = rules.findMisplacement(height, check.hash ?? '', progress.verified);
  if (misplaced !== undefined) return misplaced;
  return record.sealBroken === undefined
    ? undefined
    : { kind: 'MalformedData', detail: `the seal of the storage is broken: ${record.sealBroken}` };
}

/** Notes a docket as verified, unless it seals again what a verified docket below it sealed. */
function seal(row: number, { table, verified, sealed }: Progress): Damage | undefined {
  const { from, to } = table.transactionsOf(row);
  for (let number = from; number < to; number++) {
    const earlier = sealed.findSame(number);
    if (earlier !== undefined) {
      const height = table.height(table.rowOf(earlier));
      const detail = `transaction ${table.transactionId(number)} is already sealed at height ${height}`;
      return { kind: 'MalformedData', detail };
    }
  }
  verified.add(table.height(row));
  for (let number = from; number < to; number++) sealed.add(number);
  return undefined;
}

const ABSENT: Damage = { kind: 'MissingData', detail: 'the docket is absent' };

/** What is absent above the highest present record below `size` was rolled back. */
function nameRolledBack(verdicts: HeightVerdict[], table: DocketTable, size: number): void {
  let height = size;
  while (height > 0 && table.find(height - 1) === -1) height -= 1;
  if (height === 0) return;
  const detail = `the register ended above this height and now ends at ${height - 1}`;
  for (; height < size; height += 1) verdicts[height] = { height, damage: { kind: 'RolledBack', detail } };
}

/** How long a register without an anchored head is, as far as its records can be believed. */
function measure(table: DocketTable): number {
  let size = 0;
  let absent = 0;
  for (let row = 0; row < table.length; row++) {
    const height = table.height(row);
    absent += height - size;
    if (absent > MOST_ABSENT) break;
    size = height + 1;
  }
  return size;
}
