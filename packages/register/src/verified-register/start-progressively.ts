import { createChainJudge } from '../verification/judge-chain.ts';
import { findHintedHashes } from '../verification/proven-hashes.ts';
import { noteVerdict, takeVerdicts, toVerifyOptions } from './load-facts.ts';
import { createReading, readRegister } from './read-register.ts';
import type { RegisterCore } from './register-core.ts';
import { createVerifiedFacts } from './verified-facts.ts';
import { type RegisterVerification, toAnchoredHead, toAnnouncements } from './verify-register.ts';

/** From so many dockets on a start is progressive unless it is told otherwise (FR-047). */
export const PROGRESSIVE_DOCKETS = 1_000;

/**
 * Prepares a start that serves what is verified so far, from height 0 on. `undefined` where there is nothing to hold on to until
 * all is read: no anchored head, or hashes that are not proven by it; or where it is not worth it.
 *
 * @param fewest dockets under the head
 * @returns what verifies all of it. The core's facts grow meanwhile.
 */
export async function prepareProgressiveStart(
  core: RegisterCore,
  fewest: number,
  signal: AbortSignal,
): Promise<(() => Promise<RegisterVerification>) | undefined> {
  const options = { ...toVerifyOptions(core), signal };
  const { registerId, anchors, node } = options;
  const kept = await anchors.read(registerId);
  const anchor = toAnchoredHead(registerId, kept, node);
  const proven = anchor === undefined ? undefined : findHintedHashes(anchor);
  if (anchor === undefined || proven === undefined || anchor.size < fewest) {
    return undefined;
  }
  const reading = createReading();
  const { table } = reading;
  const judge = createChainJudge({
    table,
    anchor,
    announced: toAnnouncements(kept),
    onVerdict: (verdict) => noteVerdict(facts, verdict, { known: anchor.size, detectedAt: core.clock.now() }),
  });
  const facts = createVerifiedFacts({ table, transactions: judge.sealed });
  core.facts = facts;
  core.beginning = { size: anchor.size, proven };
  return async () => {
    const known = core.receipt.receipt?.columns;
    const verified = known === undefined ? {} : { known };
    await readRegister(reading, { ...options, ...verified, onCovered: (height) => judge.advance(height) }, anchor.size);
    return takeVerdicts(core, reading, options, { judge, note: kept.note });
  };
}
