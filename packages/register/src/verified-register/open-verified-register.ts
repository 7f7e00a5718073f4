import { RegisterError } from '../docket/register-error.ts';
import { isRegisterId } from '../docket/register-id.ts';
import { appendDockets, sealTransactions } from './append-dockets.ts';
import { type LoadedFacts, loadFacts } from './load-facts.ts';
import { readDocket, readTransaction } from './read-docket.ts';
import { refresh } from './refresh.ts';
import {
  anchorDockets,
  createCore,
  listRanges,
  type RegisterCore,
  requireHealthy,
  requireOnline,
} from './register-core.ts';
import type { RegisterOptions } from './register-options.ts';
import { createSerialQueue } from './serial-queue.ts';
import type { StartupReport } from './startup-report.ts';
import type { VerifiedRegister } from './verified-register.ts';

/**
 * Verifies a register and opens it; the promise resolves when every docket has its verdict. A damaged register opens, too:
 * it is Degraded, serves what is proven and takes nothing.
 *
 * @throws RegisterError `INVALID` for a malformed register id, `ANCHOR_INVALID` when the anchored head is not this node's.
 * @throws StorageError `UNAVAILABLE`, `TIMEOUT` when cold storage or the anchor store cannot be read or, after a crash, the head
 * not be written.
 */
export async function openVerifiedRegister(options: RegisterOptions): Promise<VerifiedRegister> {
  if (!isRegisterId(options.registerId)) {
    throw new RegisterError(
      'INVALID',
      `${JSON.stringify(options.registerId)} is no register id: use 1 to 63 of a-z 0-9 and inner hyphens.`,
    );
  }
  const core = createCore(options);
  const loaded = await loadFacts(core);
  const isSound = loaded.anchor !== 'damaged' && loaded.anchor !== 'absent';
  core.machine.change(isSound ? 'Healthy' : 'Degraded', describeStart(loaded));
  return toRegister(core, toReport(core, loaded));
}

function toRegister(core: RegisterCore, report: StartupReport): VerifiedRegister {
  const queue = createSerialQueue();
  return {
    registerId: core.options.registerId,
    get state() {
      return core.machine.state;
    },
    get size() {
      return core.facts.size;
    },
    get headHash() {
      return core.facts.headHash;
    },
    report,
    ranges: () => listRanges(core),
    docket: (height) => readDocket(core, height),
    transaction: (id) => readTransaction(core, id),
    seal: (transactions, { timestamp } = {}) => queue.run(() => sealTransactions(core, transactions, timestamp)),
    append: (records) => queue.run(() => appendDockets(core, records)),
    refresh: () => queue.run(() => refresh(core)),
    adoptHead: () => queue.run(() => adoptHead(core)),
    close: () =>
      queue.run(async () => {
        if (core.machine.state !== 'Offline') {
          core.machine.change('Offline', 'The register was closed.');
        }
      }),
  };
}

async function adoptHead(core: RegisterCore): Promise<void> {
  requireOnline(core);
  if (core.note !== undefined || listRanges(core).length > 0 || core.machine.state !== 'Degraded') {
    requireHealthy(core);
    return;
  }
  core.machine.change('Recovering', 'The operator vouches for the present head.');
  try {
    await anchorDockets(core, []);
  } catch (error) {
    core.machine.change('Degraded', 'The head could not be written.');
    throw error;
  }
  core.machine.change('Healthy', 'The present head was signed.');
}

function describeStart({ verification, anchor }: LoadedFacts): string {
  const { verifiedDockets, judgement, ranges } = verification;
  const proven = `${verifiedDockets} of ${judgement.size} dockets are proven`;
  const doubts =
    anchor === 'absent' ? 'no anchored head says how many there must be' : `${ranges.length} ranges are not`;
  return anchor === 'damaged' || anchor === 'absent' ? `${proven}; ${doubts}.` : `${proven}.`;
}

function toReport(core: RegisterCore, { verification, anchor }: LoadedFacts): StartupReport {
  const { registerId, judgement, ranges, verifiedDockets, verifiedTransactions, signatures } = verification;
  const { loadMs, verificationMs } = verification;
  const perSecond = (count: number) => (count * 1000) / Math.max(loadMs + verificationMs, 1);
  return {
    registerId,
    state: core.machine.state,
    verifiedDockets,
    totalDockets: judgement.size,
    verifiedTransactions,
    signatures,
    ranges,
    anchor,
    warnings: listWarnings(anchor, judgement.size - (verification.head?.size ?? 0)),
    loadMs,
    verificationMs,
    docketsPerSecond: perSecond(judgement.size),
    signaturesPerSecond: perSecond(signatures),
  };
}

function listWarnings(anchor: StartupReport['anchor'], extension: number): string[] {
  if (anchor === 'absent') {
    return ['There are dockets but no anchored head: dockets removed at the end would not be noticed. See adoptHead.'];
  }
  return anchor === 'extended'
    ? [`${extension === 1 ? 'One docket' : `${extension} dockets`} stored before a crash came under a new head.`]
    : [];
}
