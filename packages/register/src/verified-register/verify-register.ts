import { setImmediate } from 'node:timers/promises';
import { type Clock, systemClock, type WormStore } from '@sorcha/storage';
import type { AnchorState } from '../anchor/anchor-store.ts';
import { parseCheckpoint } from '../anchor/checkpoint.ts';
import { type TrustedNode, toOrigin } from '../anchor/node-identity.ts';
import type { AnchoredHead, ChainRecord } from '../verification/chain-input.ts';
import { type CorruptionRange, toCorruptionRanges } from '../verification/corruption.ts';
import { type ChainJudgement, judgeChain } from '../verification/judge-chain.ts';
import { readRecords, toChainRecord } from './read-records.ts';

/** How far a verification has come. */
export interface VerificationProgress {
  /** Records checked so far. */
  readonly dockets: number;
  /** Records to check, as far as known. */
  readonly total: number;
  readonly signatures: number;
}

/** What to verify, and against what. */
export interface VerifyOptions {
  readonly registerId: string;
  readonly cold: WormStore<string>;
  readonly anchor: AnchorState;
  readonly node: TrustedNode;
  readonly clock?: Clock;
  /** Called after every `batchDockets` records (default 100); the event loop runs in between. */
  readonly onProgress?: (progress: VerificationProgress) => void;
  readonly batchDockets?: number;
  readonly signal?: AbortSignal;
}

/** The whole verdict on a register. */
export interface RegisterVerification {
  readonly registerId: string;
  readonly judgement: ChainJudgement;
  readonly records: ReadonlyMap<number, ChainRecord>;
  readonly ranges: readonly CorruptionRange[];
  /** The anchored head, once its signature was verified; `undefined` when there is none. */
  readonly head: AnchoredHead | undefined;
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
 * @throws RegisterError `ANCHOR_INVALID` when the anchored head is not this node's.
 * @throws StorageError `UNAVAILABLE`, `TIMEOUT` when cold storage cannot be read at all.
 */
export async function verifyRegister(options: VerifyOptions): Promise<RegisterVerification> {
  const { registerId, anchor, clock = systemClock } = options;
  const head = toAnchoredHead(registerId, anchor, options.node);
  const started = performance.now();
  const { records, signatures, checkMs } = await checkRecords(options);
  const loadMs = performance.now() - started - checkMs;
  const judging = performance.now();
  const announced = toAnnouncements(anchor);
  const judgement = judgeChain({ records, announced, ...(head === undefined ? {} : { anchor: head }) });
  const byHeight = new Map(records.map((record) => [record.height, record]));
  const verified = judgement.verdicts.filter(({ damage }) => damage === undefined);
  const countTransactions = (height: number) => byHeight.get(height)?.check?.transactionIds.length ?? 0;
  return {
    registerId,
    judgement,
    records: byHeight,
    ranges: toCorruptionRanges(judgement.verdicts, clock.now()),
    head,
    verifiedDockets: verified.length,
    verifiedTransactions: verified.reduce((sum, { height }) => sum + countTransactions(height), 0),
    signatures,
    loadMs,
    verificationMs: checkMs + performance.now() - judging,
  };
}

async function checkRecords(options: VerifyOptions) {
  const { registerId, cold, batchDockets = 100, onProgress, signal } = options;
  const call = signal === undefined ? {} : { signal };
  const records: ChainRecord[] = [];
  let signatures = 0;
  let checkMs = 0;
  const height = await cold.height(registerId, call);
  const total = await cold.count(registerId, call);
  if (height === undefined) {
    return { records, signatures, checkMs };
  }
  for await (const stored of readRecords(cold, { registerId, from: 0, to: height }, call)) {
    const before = performance.now();
    const record = toChainRecord(registerId, stored);
    checkMs += performance.now() - before;
    records.push(record);
    signatures += record.check?.signaturesChecked ?? 0;
    if (records.length % batchDockets === 0) {
      onProgress?.({ dockets: records.length, total, signatures });
      await setImmediate();
      signal?.throwIfAborted();
    }
  }
  onProgress?.({ dockets: records.length, total, signatures });
  return { records, signatures, checkMs };
}

/** Reads the anchored head out of what is kept, and verifies its signature. */
export function toAnchoredHead(registerId: string, anchor: AnchorState, node: TrustedNode): AnchoredHead | undefined {
  if (anchor.note === undefined) {
    return undefined;
  }
  const head = parseCheckpoint(anchor.note, toOrigin(node.name, registerId), node.publicKey);
  return { ...head, hashes: anchor.hashes };
}

function toAnnouncements(anchor: AnchorState): ReadonlyMap<number, ReadonlySet<string>> {
  const announced = new Map<number, Set<string>>();
  for (const { height, hash } of anchor.announced) {
    announced.set(height, (announced.get(height) ?? new Set()).add(hash));
  }
  return announced;
}
