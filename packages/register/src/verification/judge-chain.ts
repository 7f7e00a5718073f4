import { ZERO_HASH } from '../docket/sha256.ts';
import type { ChainInput, ChainRecord } from './chain-input.ts';
import { type ChainRules, chooseRules } from './chain-rules.ts';
import type { Damage, HeightVerdict } from './corruption.ts';
import { findProvenHashes, type ProvenHashes } from './proven-hashes.ts';

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
export function judgeChain(input: ChainInput): ChainJudgement {
  const { anchor } = input;
  const records = new Map(input.records.map((record) => [record.height, record]));
  const proven = anchor === undefined ? undefined : findProvenHashes(anchor, records);
  const known = anchor?.size ?? measure(input.records);
  const rulesAt = chooseRules({ input, records, proven });
  const progress: Progress = { verified: new Set(), sealed: new Map() };
  const firstRolledBack = anchor === undefined ? known : findFirstRolledBack(input.records, known);

  const verdicts: HeightVerdict[] = [];
  for (let height = 0; height < known; height++) {
    const record = records.get(height);
    const damage =
      record === undefined ? judgeAbsent(height, firstRolledBack) : judgeRecord(record, rulesAt(height), progress);
    verdicts.push(damage === undefined ? { height } : { height, damage });
  }
  for (const record of input.records.filter(({ height }) => height >= known)) {
    const { height } = record;
    const damage = judgeRecord(record, rulesAt(height), progress);
    verdicts.push(damage === undefined ? { height } : { height, damage });
  }

  let extension = 0;
  while (progress.verified.has(known + extension)) extension += 1;
  return { size: known + extension, verdicts, extension, hashesFrom: proven?.from ?? 'none' };
}

/** What the heights judged so far add to the knowledge about the next. */
interface Progress {
  readonly verified: Set<number>;
  /** The height at which each transaction of a verified docket is sealed. */
  readonly sealed: Map<string, number>;
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
  if (record.sealBroken !== undefined) {
    return { kind: 'MalformedData', detail: `the seal of the storage is broken: ${record.sealBroken}` };
  }
  return seal(height, check.transactionIds, progress);
}

/** Notes a docket as verified, unless it seals again what a verified docket below it sealed. */
function seal(height: number, transactionIds: readonly string[], { verified, sealed }: Progress): Damage | undefined {
  const repeated = transactionIds.find((id) => sealed.has(id));
  if (repeated !== undefined) {
    const detail = `transaction ${repeated} is already sealed at height ${sealed.get(repeated)}`;
    return { kind: 'MalformedData', detail };
  }
  verified.add(height);
  for (const id of transactionIds) sealed.set(id, height);
  return undefined;
}

function judgeAbsent(height: number, firstRolledBack: number): Damage {
  return height >= firstRolledBack
    ? { kind: 'RolledBack', detail: `the register ended above this height and now ends at ${firstRolledBack - 1}` }
    : { kind: 'MissingData', detail: 'the docket is absent' };
}

/** The height above the highest present record below `size`: what is absent from there on was rolled back. */
function findFirstRolledBack(records: readonly ChainRecord[], size: number): number {
  const highest = records.findLast(({ height }) => height < size);
  return highest === undefined ? size : highest.height + 1;
}

/** How long a register without an anchored head is, as far as its records can be believed. */
function measure(records: readonly ChainRecord[]): number {
  let size = 0;
  let absent = 0;
  for (const { height } of records) {
    absent += height - size;
    if (absent > MOST_ABSENT) break;
    size = height + 1;
  }
  return size;
}
