import type { AnchorState } from '../anchor/anchor-store.ts';
import { toTrustedNode } from '../anchor/node-identity.ts';
import { RegisterError } from '../docket/register-error.ts';
import { anchorDockets, type RegisterCore } from './register-core.ts';
import type { StartupReport } from './startup-report.ts';
import { createVerifiedFacts, type DocketFacts, type VerifiedFacts } from './verified-facts.ts';
import { type RegisterVerification, verifyRegister } from './verify-register.ts';

/** So many times a start begins anew because another writer moved the head while it was verifying. */
const MAX_ATTEMPTS = 5;

/** What a whole verification found, and how cold storage stands to the head after it. */
export interface LoadedFacts {
  readonly verification: RegisterVerification;
  readonly anchor: StartupReport['anchor'];
}

/**
 * Reads the head and cold storage, judges everything, takes the verdicts over as the core's facts, and moves the head over
 * announced dockets that a crash left above it.
 */
export async function loadFacts(core: RegisterCore): Promise<LoadedFacts> {
  for (let attempt = 1; ; attempt += 1) {
    const kept = await core.options.anchors.read(core.options.registerId);
    const verification = await verify(core, kept);
    core.note = kept.note;
    core.anchoredSize = verification.head?.size ?? 0;
    core.facts = toFacts(verification);
    core.isBehind = false;
    const anchor = compareWithHead(verification, kept);
    try {
      if (anchor === 'extended') {
        await anchorDockets(core, []);
      }
      for (const range of verification.ranges) {
        core.options.onEvent?.({ type: 'corruption', range });
      }
      return { verification, anchor };
    } catch (error) {
      if (!(error instanceof RegisterError && error.code === 'ANCHOR_CONFLICT') || attempt === MAX_ATTEMPTS) {
        throw error;
      }
    }
  }
}

function verify(core: RegisterCore, anchor: AnchorState): Promise<RegisterVerification> {
  const { registerId, cold, node, batchDockets, onProgress, signal } = core.options;
  return verifyRegister({
    registerId,
    cold,
    anchor,
    node: toTrustedNode(node),
    clock: core.clock,
    ...(batchDockets === undefined ? {} : { batchDockets }),
    ...(onProgress === undefined ? {} : { onProgress }),
    ...(signal === undefined ? {} : { signal }),
  });
}

/** How what is stored stands to the anchored head, see {@link StartupReport.anchor}. */
function compareWithHead(verification: RegisterVerification, kept: AnchorState): StartupReport['anchor'] {
  const { ranges, head, judgement, records } = verification;
  if (ranges.length > 0) {
    return 'damaged';
  }
  if (head !== undefined) {
    return judgement.size > head.size ? 'extended' : 'matched';
  }
  if (judgement.size === 0) {
    return 'fresh';
  }
  // Before the first head, a crash can leave only dockets that were all announced.
  const announced = new Set(kept.announced.map(({ height, hash }) => `${height} ${hash}`));
  const isOwn = [...records.values()].every(({ height, check }) => announced.has(`${height} ${check?.hash}`));
  return isOwn ? 'extended' : 'absent';
}

function toFacts({ judgement, records }: RegisterVerification): VerifiedFacts {
  const facts = createVerifiedFacts();
  for (const { height, damage } of judgement.verdicts) {
    if (height < judgement.size) {
      facts.append(damage === undefined ? toDocketFacts(records.get(height)?.check) : undefined);
    }
    if (damage !== undefined) {
      facts.markDamaged(height, damage);
    }
  }
  return facts;
}

/** What is remembered of a docket whose check found nothing wrong. */
export function toDocketFacts(check: (Partial<DocketFacts> & { readonly recordDigest: string }) | undefined) {
  return check?.hash === undefined
    ? undefined
    : { hash: check.hash, digest: check.recordDigest, transactionIds: check.transactionIds ?? [] };
}
