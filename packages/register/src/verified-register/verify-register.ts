import { setImmediate } from 'node:timers/promises';
import { type Clock, systemClock } from '@sorcha/storage';
import type { AnchorState, AnchorStore } from '../anchor/anchor-store.ts';
import { parseCheckpoint } from '../anchor/checkpoint.ts';
import { type TrustedNode, toOrigin } from '../anchor/node-identity.ts';
import { RegisterError } from '../docket/register-error.ts';
import type { AnchoredHead } from '../verification/chain-input.ts';
import { type CorruptionRange, toCorruptionRanges } from '../verification/corruption.ts';
import type { DocketTable } from '../verification/docket-table.ts';
import { type ChainJudge, type ChainJudgement, createChainJudge } from '../verification/judge-chain.ts';
import type { TransactionIndex } from '../verification/transaction-index.ts';
import { createReading, type ReadOptions, type RegisterReading, readOn, readRegister } from './read-register.ts';

const HEIGHTS_PER_TURN = 1_000;

/** What to verify, and against what. */
export interface VerifyOptions extends ReadOptions {
  /** Where the anchored head is read, after the records: so other writers can go on sealing meanwhile. */
  readonly anchors: Pick<AnchorStore, 'read'>;
  readonly node: TrustedNode;
  readonly clock?: Clock;
}

/**
 * How cold storage stands to the anchored head: `matched`; `extended` by announced dockets above it, which a crash left
 * there; `damaged` where some of it is not proven; `absent` when there is no head although there are dockets; `fresh` when
 * there is neither.
 */
export type AnchorComparison = 'fresh' | 'matched' | 'extended' | 'damaged' | 'absent';

/** The whole verdict on a register. */
export interface RegisterVerification {
  readonly registerId: string;
  readonly judgement: ChainJudgement;
  /** The checks of all records, by height. */
  readonly table: DocketTable;
  /** The transactions of verified dockets, by their number in the table. */
  readonly transactions: TransactionIndex;
  readonly ranges: readonly CorruptionRange[];
  /** The anchored head, once its signature was verified; `undefined` when there is none. */
  readonly head: AnchoredHead | undefined;
  readonly anchor: AnchorComparison;
  readonly verifiedDockets: number;
  readonly verifiedTransactions: number;
  readonly signatures: number;
  /** Time spent waiting for cold storage, in milliseconds. */
  readonly loadMs: number;
  /** Time spent checking, in milliseconds. */
  readonly verificationMs: number;
}

/**
 * Reads and judges a whole register. Damage is the result, never an error; nothing is written.
 *
 * @throws RegisterError `ANCHOR_INVALID` when the anchored head is not this node's, `INVALID` for a malformed option.
 * @throws StorageError `UNAVAILABLE` when cold storage or the anchor store cannot be read at all, `TIMEOUT` also when the signal
 * fires.
 */
export async function verifyRegister(options: VerifyOptions): Promise<RegisterVerification> {
  requireParts(options);
  return (await judgeReading(await readAnchored(options), options)).verification;
}

/** Refuses what plain JavaScript left out of that on which a register stands. */
export function requireParts({
  cold,
  anchors,
  node,
}: Pick<VerifyOptions, 'cold' | 'anchors'> & { readonly node: object }): void {
  for (const [name, part] of Object.entries<unknown>({ cold, anchors, node })) {
    if (typeof part !== 'object' || part === null) {
      throw new RegisterError('INVALID', `A register cannot be verified without "${name}"; hand it in.`);
    }
  }
}

/** Reads what `judgeReading` judges. A head that is not this node's is refused before that takes its time. */
export async function readAnchored(options: VerifyOptions): Promise<RegisterReading> {
  const { registerId, anchors, node } = options;
  const head = toAnchoredHead(registerId, await anchors.read(registerId), node);
  const reading = createReading();
  await readRegister(reading, options, head?.size ?? 0);
  return reading;
}

/**
 * Judges what was read against the head of this moment. Can be called again when the head moved.
 *
 * The head is read after the records, and records that it covers by then are read on: whatever a writer sealed meanwhile
 * was announced, or under the head, before it could be read. The other way round it would look like a forgery.
 */
export async function judgeReading(reading: RegisterReading, options: VerifyOptions, live?: LiveJudge) {
  const { registerId, anchors, node, clock = systemClock } = options;
  const kept = await anchors.read(registerId);
  const head = toAnchoredHead(registerId, kept, node);
  if (head !== undefined && head.size > reading.next) {
    await readOn(reading, { to: head.size - 1, known: head.size }, options);
  }
  const started = performance.now();
  const { table } = reading;
  const announced = toAnnouncements(kept);
  const isLive = live !== undefined && live.note === kept.note;
  const judge = isLive
    ? live.judge
    : createChainJudge({ table, announced, ...(head === undefined ? {} : { anchor: head }) });
  const judgement = await finishInTurns(judge, head?.size ?? 0, announced);
  const verification: RegisterVerification = {
    registerId,
    judgement,
    table,
    transactions: judge.sealed,
    ranges: toCorruptionRanges(judgement.verdicts, clock.now()),
    head,
    anchor: compareWithHead(judgement, table, { head, announced }),
    ...countVerified(judgement, table),
    signatures: reading.signatures,
    loadMs: reading.loadMs,
    verificationMs: reading.checkMs + performance.now() - started,
  };
  return { verification, kept, isLive };
}

/** A judge that was at work while records were still being read, and the head that it knows. */
export interface LiveJudge {
  readonly judge: ChainJudge;
  readonly note: string | undefined;
}

/** Many heights are decided in a moment, but not all in the same: the event loop is to run in between. */
async function finishInTurns(judge: ChainJudge, size: number, announced: Announced): Promise<ChainJudgement> {
  for (let height = HEIGHTS_PER_TURN; height < size; height += HEIGHTS_PER_TURN) {
    judge.advance(height);
    await setImmediate();
  }
  return judge.finish(announced);
}

function countVerified({ verdicts }: ChainJudgement, table: DocketTable) {
  let verifiedDockets = 0;
  let verifiedTransactions = 0;
  for (const { height, damage } of verdicts) {
    if (damage === undefined) {
      const { from, to } = table.transactionsOf(table.find(height));
      verifiedDockets += 1;
      verifiedTransactions += to - from;
    }
  }
  return { verifiedDockets, verifiedTransactions };
}

type Announced = ReadonlyMap<number, ReadonlySet<string>>;

function compareWithHead(
  judgement: ChainJudgement,
  table: DocketTable,
  { head, announced }: { readonly head: AnchoredHead | undefined; readonly announced: Announced },
): AnchorComparison {
  const isDamaged = judgement.verdicts.some(({ damage }) => damage !== undefined);
  if (head !== undefined) {
    const intact = judgement.size > head.size ? 'extended' : 'matched';
    return isDamaged ? 'damaged' : intact;
  }
  if (table.length === 0) {
    return 'fresh';
  }
  // Before the first head, a crash can leave only dockets that were all announced.
  const isOwn = Array.from({ length: table.length }, (_, row) => table.record(row)).every(
    ({ height, check }) => announced.get(height)?.has(check?.hash ?? '') === true,
  );
  return isOwn && !isDamaged ? 'extended' : 'absent';
}

/** Reads the anchored head out of what is kept, and verifies its signature. */
export function toAnchoredHead(registerId: string, kept: AnchorState, node: TrustedNode): AnchoredHead | undefined {
  if (kept.note === undefined) {
    return undefined;
  }
  const head = parseCheckpoint(kept.note, toOrigin(node.name, registerId), node.publicKey, kept.notePlace);
  return { ...head, hashes: kept.hashes };
}

/** The announced hashes by height. */
export function toAnnouncements({ announced }: AnchorState): Announced {
  const byHeight = new Map<number, Set<string>>();
  for (const { height, hash } of announced) {
    byHeight.set(height, (byHeight.get(height) ?? new Set()).add(hash));
  }
  return byHeight;
}
