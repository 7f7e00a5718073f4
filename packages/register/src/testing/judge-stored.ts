import type { Docket } from '../docket/docket.ts';
import { merkleRoot } from '../docket/merkle-tree.ts';
import type { AnchoredHead, ChainInput, ChainRecord } from '../verification/chain-input.ts';
import { checkDocket } from '../verification/check-docket.ts';
import { toCorruptionRanges } from '../verification/corruption.ts';
import { type ChainJudgement, judgeChain } from '../verification/judge-chain.ts';

/** What lies at each height from 0; `undefined` for nothing. */
export type Stored = readonly (Uint8Array | undefined)[];

/** The head over some dockets, with or without their hashes as a hint. */
export function toAnchor(dockets: readonly Pick<Docket, 'hash'>[], hint: 'hint' | 'no hint'): AnchoredHead {
  const hashes = dockets.map(({ hash }) => Buffer.from(hash, 'hex'));
  return {
    size: dockets.length,
    root: merkleRoot(hashes),
    ...(hint === 'hint' ? { hashes: Buffer.concat(hashes) } : {}),
  };
}

/** Checks the record at a height. */
export function toChainRecord(record: Uint8Array, height: number, registerId = 'test'): ChainRecord {
  return { height, check: checkDocket(record, { registerId, height }) };
}

/** Judges stored records. */
export function judgeStored(stored: Stored, rest: Omit<ChainInput, 'records'> = {}) {
  const records = stored.flatMap((bytes, height) => (bytes === undefined ? [] : [toChainRecord(bytes, height)]));
  return describeJudgement(judgeChain({ records, ...rest }));
}

/** A judgement with its damage in one line: `1 Forked, 3-5 MissingData`, or nothing. */
export function describeJudgement(judgement: ChainJudgement): ChainJudgement & { readonly damage: string } {
  const ranges = toCorruptionRanges(judgement.verdicts, 0);
  const damage = ranges.map(({ from, to, kind }) => `${from === to ? from : `${from}-${to}`} ${kind}`).join(', ');
  return { ...judgement, damage };
}
