import { type Clock, systemClock } from '@sorcha/storage';
import { createCheckpoint } from '../anchor/checkpoint.ts';
import { toOrigin } from '../anchor/node-identity.ts';
import { RegisterError } from '../docket/register-error.ts';
import type { ReceiptUse } from '../receipt/receipt.ts';
import { createStateMachine, type StateMachine } from '../state/register-state.ts';
import type { Damage } from '../verification/corruption.ts';
import type { ProvenHashes } from '../verification/proven-hashes.ts';
import { createPayloadCache, type PayloadCache } from './payload-cache.ts';
import type { RegisterOptions } from './register-options.ts';
import { createVerifiedFacts, type DocketFacts, type VerifiedFacts } from './verified-facts.ts';

const DEFAULT_CACHE_BYTES = 64 * 1024 * 1024;

/** So many unproven ranges are named in an error. */
const NAMED_RANGES = 5;

/** What to do about records that only lie above the anchored head. */
export const ADVICE_ABOVE_HEAD =
  'everything below is proven: if the anchor store is older than cold storage, restore the newest copy of it, else cold storage';

/** What the parts of an open register share. */
export interface RegisterCore {
  readonly options: RegisterOptions;
  readonly clock: Clock;
  readonly machine: StateMachine;
  facts: VerifiedFacts;
  /** The newest head that was read or written; `undefined` when there is none. */
  note: string | undefined;
  /** The anchor store has the right hashes of all heights below. */
  hashesKept: number;
  /** Set when cold storage may hold dockets that the facts do not know: they are caught up with before the next append. */
  isBehind: boolean;
  readonly payloads: PayloadCache;
  /** What became of the receipt of an earlier verification. */
  receipt: ReceiptUse;
  /** Set while a progressive start is verifying: facts grow from height 0, and above them only the head says what there is. */
  beginning: Beginning | undefined;
}

/** What is known of a register before all of it was verified. */
export interface Beginning {
  /** Number of dockets under the anchored head. */
  readonly size: number;
  /** Their hashes, proven by the head. */
  readonly proven: ProvenHashes;
}

/** Starts a core that knows nothing yet. */
export function createCore(options: RegisterOptions): RegisterCore {
  const clock = options.clock ?? systemClock;
  return {
    options,
    clock,
    machine: createStateMachine({ clock, onChange: (change) => options.onEvent?.({ type: 'state', ...change }) }),
    facts: createVerifiedFacts(),
    note: undefined,
    hashesKept: 0,
    isBehind: false,
    payloads: createPayloadCache(options.cacheBytes ?? DEFAULT_CACHE_BYTES),
    receipt: { use: 'none' },
    beginning: undefined,
  };
}

/** Takes a height out of what is served, because its bytes are not what was verified. Returns the error for the reader. */
export function reportDamage(core: RegisterCore, height: number, damage: Damage): RegisterError {
  const known = core.facts.damage(height);
  if (known !== undefined) {
    return corrupted(height, known);
  }
  const detectedAt = core.clock.now();
  core.payloads.drop(height);
  core.facts.markDamaged({ height, damage, detectedAt });
  try {
    core.options.onEvent?.({ type: 'corruption', range: { from: height, to: height, ...damage, detectedAt } });
  } finally {
    if (core.machine.state === 'Healthy') {
      core.machine.change('Degraded', 'changed', `Height ${height} changed in cold storage: ${damage.kind}.`);
    }
  }
  return corrupted(height, damage);
}

/** The error of a read that hits a height that is not proven. */
export function corrupted(height: number, { kind, detail }: Damage): RegisterError {
  return new RegisterError('CORRUPTED', `Height ${height} is not proven (${kind}: ${detail}); restore it from a copy.`);
}

/** Signs a head over the known dockets and those that follow, makes it durable, and only then knows the followers. */
export async function anchorDockets(core: RegisterCore, following: readonly DocketFacts[]): Promise<void> {
  const { registerId, anchors, node } = core.options;
  const hashes = following.map(({ hash }) => hash);
  const head = { size: core.facts.size + following.length, root: core.facts.rootWith(hashes) };
  const note = createCheckpoint(toOrigin(node.name, registerId), head, node.key);
  await anchors.advance(registerId, {
    expected: core.note,
    note,
    size: head.size,
    firstHeight: core.hashesKept,
    hashes: [...core.facts.hashesFrom(core.hashesKept), ...hashes],
  });
  core.note = note;
  core.hashesKept = head.size;
  for (const facts of following) {
    core.facts.append(facts);
  }
}

/** Refuses every call after `close`. */
export function requireOnline({ machine, options }: RegisterCore): void {
  if (machine.state === 'Offline') {
    throw new RegisterError('OFFLINE', `The register "${options.registerId}" is closed; open it again.`);
  }
}

/** Refuses to change a register in which something is not proven. */
export function requireHealthy(core: RegisterCore): void {
  requireOnline(core);
  if (core.beginning !== undefined) {
    throw initializing(core, 'the register takes no dockets');
  }
  if (core.machine.state !== 'Healthy') {
    throw new RegisterError(
      'DEGRADED',
      `The register "${core.options.registerId}" takes no dockets: ${explainDegraded(core.facts)}.`,
    );
  }
}

/** The error of a call that has to wait until the start is over. */
export function initializing({ facts, beginning }: RegisterCore, reason: string): RegisterError {
  const done = `${facts.size} of ${beginning?.size ?? 0} dockets are verified so far`;
  return new RegisterError('INITIALIZING', `${done}: ${reason} before "started" is fulfilled; try again then.`);
}

/** What keeps a register from taking dockets, and what to do. */
function explainDegraded(facts: VerifiedFacts): string {
  const ranges = facts.ranges();
  if (ranges.length === 0) {
    return 'its anchored head is absent; see adoptHead';
  }
  const named = ranges
    .slice(0, NAMED_RANGES)
    .map(({ from, to, kind }) => `${from === to ? from : `${from}-${to}`} ${kind}`);
  const more = ranges.length > named.length ? ` and ${ranges.length - named.length} more ranges` : '';
  const advice = ranges.every(({ from }) => from >= facts.size)
    ? ADVICE_ABOVE_HEAD
    : 'restore the records from a copy of cold storage';
  return `not proven: ${named.join(', ')}${more}; ${advice}`;
}
