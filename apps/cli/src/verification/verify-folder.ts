import {
  type RegisterVerification,
  SIGNATURE_ENGINE,
  type VerificationProgress,
  verifyRegister,
} from '@sorcha/register';
import type { Clock } from '@sorcha/storage';
import { listRegisters } from '../data-folder/list-registers.ts';
import type { DataFolder } from '../data-folder/open-data-folder.ts';
import { withAnchorAdvice } from '../register/with-anchor-advice.ts';
import { measureRawRate } from './measure-raw-rate.ts';
import type { VerifyResult } from './verify-result.ts';

/** What is known of a register after all of it was verified. */
export interface FolderVerification {
  readonly result: VerifyResult;
  /** The hash of each verified docket, by height; a height that is not verified has none. */
  readonly hashes: readonly (string | undefined)[];
  readonly verification: RegisterVerification;
}

/** Options of `verifyFolder`. */
export interface VerifyFolderOptions {
  readonly onProgress?: (progress: VerificationProgress) => void;
  readonly signal?: AbortSignal;
  readonly clock?: Clock;
  /** Measures the bare engine of signatures afterwards, for about half a second. Default false. */
  readonly isRateMeasured?: boolean;
}

/** Verifies one register of a data folder against its anchored head, and writes nothing. Errors as `verifyRegister`. */
export async function verifyFolder(
  data: DataFolder,
  registerId: string,
  options: VerifyFolderOptions = {},
): Promise<FolderVerification> {
  const { isRateMeasured = false, ...rest } = options;
  const { cold, source, anchors, node, layout } = data;
  const parallel = source === undefined ? {} : { parallel: { source } };
  const losses = data.losses(registerId);
  const startedAt = performance.now();
  // The event loop gets its turn after every docket, because one can hold thousands of signatures.
  const verification = await withAnchorAdvice(data, registerId, async () =>
    verifyRegister({ registerId, cold, anchors, node, batchDockets: 1, ...parallel, ...rest }),
  );
  const durationMs = performance.now() - startedAt;
  const hashes = listHashes(verification);
  const raw = isRateMeasured ? await measureRawRate(cold, registerId, Object.keys(hashes).map(Number)) : undefined;
  const perSecond = (count: number) => (count * 1_000) / Math.max(durationMs, 0.001);
  const { ranges, judgement, anchor, signatures, verifiedDockets, verifiedTransactions } = verification;
  const verdict = chooseVerdict(verification, losses);
  const rawSignaturesPerSecond = raw?.signaturesPerSecond ?? null;
  const result: VerifyResult = {
    schema: 'sorcha.verify/v1',
    folder: layout.folder,
    register: registerId,
    verdict,
    isProven: verdict === 'proven',
    totalDockets: judgement.size,
    verifiedDockets,
    transactions: verifiedTransactions,
    signatures,
    ranges,
    losses,
    otherRegisters: (await listRegisters(data)).filter((name) => name !== registerId),
    anchor,
    durationMs,
    docketsPerSecond: perSecond(verification.table.length),
    signaturesPerSecond: perSecond(signatures),
    engine: SIGNATURE_ENGINE.name,
    rawSignaturesPerSecond,
    ratio: rawSignaturesPerSecond === null ? null : perSecond(signatures) / rawSignaturesPerSecond,
  };
  return { result, hashes, verification };
}

function chooseVerdict({ ranges, anchor, judgement }: RegisterVerification, losses: readonly string[]) {
  if (ranges.length > 0 || anchor === 'absent' || losses.length > 0) {
    return 'unproven';
  }
  return judgement.size === 0 ? 'empty' : 'proven';
}

function listHashes({ judgement, table }: RegisterVerification): (string | undefined)[] {
  const hashes: (string | undefined)[] = [];
  for (const { height, damage } of judgement.verdicts) {
    if (damage === undefined) {
      hashes[height] = Buffer.from(table.hash(table.find(height))).toString('hex');
    }
  }
  return hashes;
}
