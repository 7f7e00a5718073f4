import { toTrustedNode } from '../anchor/node-identity.ts';
import { RegisterError } from '../docket/register-error.ts';
import type { HeightVerdict } from '../verification/corruption.ts';
import type { RegisterReading } from './read-register.ts';
import { anchorDockets, type RegisterCore } from './register-core.ts';
import { createVerifiedFacts, type VerifiedFacts } from './verified-facts.ts';
import {
  judgeReading,
  type LiveJudge,
  type RegisterVerification,
  readAnchored,
  type VerifyOptions,
} from './verify-register.ts';

/** So many times everything is judged anew because another writer moved the head meanwhile. */
const MAX_ATTEMPTS = 5;

/**
 * Reads the head and cold storage, judges everything, moves the head over announced dockets that a crash left above it, and
 * takes the verdicts over as the core's facts. Until that is done, the core is as it was.
 */
export async function loadFacts(core: RegisterCore): Promise<RegisterVerification> {
  const options = toVerifyOptions(core);
  const known = core.machine.state === 'Initializing' ? core.receipt.receipt?.columns : undefined;
  const reading = await readAnchored(known === undefined ? options : { ...options, known });
  return takeVerdicts(core, reading, options);
}

/** As {@link loadFacts}, with what was read already. What a live judge has decided by then is in the core's facts already. */
export async function takeVerdicts(
  core: RegisterCore,
  reading: RegisterReading,
  options: VerifyOptions,
  live?: LiveJudge,
): Promise<RegisterVerification> {
  for (let attempt = 1; ; attempt += 1) {
    const { verification, kept, isLive } = await judgeReading(reading, options, attempt === 1 ? live : undefined);
    const loaded: RegisterCore = {
      ...core,
      facts: isLive ? core.facts : toFacts(verification, core.clock.now()),
      note: kept.note,
      // Hashes that were not the proven ones are all written again with the next head.
      hashesKept: verification.judgement.hashesFrom === 'hint' ? (verification.head?.size ?? 0) : 0,
      isBehind: false,
      beginning: undefined,
    };
    try {
      if (verification.anchor === 'extended') {
        await anchorDockets(loaded, []);
      }
    } catch (error) {
      const isBeaten = error instanceof RegisterError && error.code === 'ANCHOR_CONFLICT';
      if (!isBeaten || attempt === MAX_ATTEMPTS) {
        throw error;
      }
      continue;
    }
    publish(core, loaded, verification);
    return verification;
  }
}

/** In one step, so that nobody reads facts that do not belong together. */
function publish(core: RegisterCore, loaded: RegisterCore, verification: RegisterVerification): void {
  // What a reader found meanwhile was a lie of the storage, even if it told the truth to the verification.
  for (const found of core.facts.damages()) {
    loaded.facts.markDamaged(found);
  }
  const { facts, note, hashesKept, isBehind, beginning } = loaded;
  Object.assign(core, { facts, note, hashesKept, isBehind, beginning });
  try {
    for (const range of verification.ranges) {
      core.options.onEvent?.({ type: 'corruption', range });
    }
  } finally {
    settle(core, verification);
  }
}

/** Takes the state that the facts allow. */
function settle(core: RegisterCore, verification: RegisterVerification): void {
  const isSound = core.facts.damages().length === 0 && verification.anchor !== 'absent';
  const to = isSound ? 'Healthy' : 'Degraded';
  const { state } = core.machine;
  if (state === 'Initializing' || (state === 'Healthy' && to === 'Degraded')) {
    core.machine.change(to, isSound ? 'verified' : 'unproven', describe(verification));
  }
}

function describe({ verifiedDockets, judgement, ranges, anchor }: RegisterVerification): string {
  const above = ranges.filter(({ from }) => from >= judgement.size).length;
  const countRanges = (count: number) => `${count} ${count === 1 ? 'range' : 'ranges'}`;
  const doubts = [
    ...(anchor === 'absent' ? ['no anchored head says how many there must be'] : []),
    ...(ranges.length > above ? [`${countRanges(ranges.length - above)} of them cannot be proven`] : []),
    ...(above > 0 ? [`${countRanges(above)} above them cannot be proven`] : []),
  ];
  return `${[`${verifiedDockets} of ${judgement.size} dockets are proven`, ...doubts].join('; ')}.`;
}

/** How the register of a core is to be verified. */
export function toVerifyOptions({ options, clock, machine }: RegisterCore): VerifyOptions {
  const { registerId, cold, anchors, node, batchDockets, onProgress, parallel } = options;
  // The signal ends the start; it may fire long after that.
  const signal = machine.state === 'Initializing' ? options.signal : undefined;
  return {
    registerId,
    cold,
    anchors,
    node: toTrustedNode(node),
    clock,
    ...(batchDockets === undefined ? {} : { batchDockets }),
    ...(onProgress === undefined ? {} : { onProgress }),
    ...(parallel === undefined ? {} : { parallel }),
    ...(signal === undefined ? {} : { signal }),
  };
}

function toFacts({ judgement, table, transactions }: RegisterVerification, detectedAt: number): VerifiedFacts {
  const facts = createVerifiedFacts({ table, transactions });
  const known = judgement.size - judgement.extension;
  for (const verdict of judgement.verdicts) {
    noteVerdict(facts, verdict, { known, detectedAt });
  }
  return facts;
}

/**
 * Takes a verdict over, in ascending order.
 *
 * @param context.known below it all heights exist; above, what is not proven is stray
 */
export function noteVerdict(
  facts: VerifiedFacts,
  { height, damage }: HeightVerdict,
  { known, detectedAt }: { readonly known: number; readonly detectedAt: number },
): void {
  if (height < known || damage === undefined) {
    facts.extend(damage === undefined);
  }
  if (damage !== undefined) {
    facts.markDamaged({ height, damage, detectedAt });
  }
}
