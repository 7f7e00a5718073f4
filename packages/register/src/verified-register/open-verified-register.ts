import { RegisterError } from '../docket/register-error.ts';
import { isRegisterId } from '../docket/register-id.ts';
import { appendDockets, sealTransactions } from './append-dockets.ts';
import { loadFacts } from './load-facts.ts';
import { readDocket, readTransaction } from './read-docket.ts';
import { refresh } from './refresh.ts';
import {
  ADVICE_ABOVE_HEAD,
  anchorDockets,
  createCore,
  type RegisterCore,
  requireHealthy,
  requireOnline,
} from './register-core.ts';
import type { RegisterOptions } from './register-options.ts';
import { createSerialQueue } from './serial-queue.ts';
import type { StartupReport } from './startup-report.ts';
import type { VerifiedRegister } from './verified-register.ts';
import { type RegisterVerification, requireParts } from './verify-register.ts';

/**
 * Verifies a register and opens it; the promise resolves when every docket has its verdict. A damaged register opens, too:
 * it is Degraded, serves what is proven and takes nothing.
 *
 * @throws RegisterError `INVALID` for a malformed option, `INVALID_KEY` when the node's key is not Ed25519, `ANCHOR_INVALID` when
 * the anchored head is not this node's, `ANCHOR_CONFLICT` when other writers moved the head again and again.
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
  requireParts(options);
  const core = createCore(options);
  return toRegister(core, toReport(core, await loadFacts(core)));
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
    ranges: () => core.facts.ranges(),
    docket: (height) => readDocket(core, height),
    transaction: (id) => readTransaction(core, id),
    seal: (transactions, options) => queue.run(() => sealTransactions(core, transactions, options?.timestamp)),
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
  if (core.note !== undefined || core.facts.damages().length > 0 || core.machine.state !== 'Degraded') {
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
  // A reader may have found damage meanwhile.
  if (core.facts.damages().length > 0) {
    core.machine.change('Degraded', 'The present head was signed; not everything under it is proven.');
  } else {
    core.machine.change('Healthy', 'The present head was signed.');
  }
}

function toReport(core: RegisterCore, verification: RegisterVerification): StartupReport {
  const { registerId, judgement, ranges, anchor, verifiedDockets, verifiedTransactions, signatures } = verification;
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
    warnings: listWarnings(verification),
    loadMs,
    verificationMs,
    docketsPerSecond: perSecond(judgement.size),
    signaturesPerSecond: perSecond(signatures),
  };
}

function listWarnings({ anchor, judgement, ranges, head }: RegisterVerification): string[] {
  if (anchor === 'absent') {
    return ['There are dockets but no anchored head: dockets removed at the end would not be noticed. See adoptHead.'];
  }
  const extension = judgement.size - (head?.size ?? 0);
  if (anchor === 'extended') {
    return [`${extension === 1 ? 'One docket' : `${extension} dockets`} stored before a crash came under a new head.`];
  }
  const isSurplus = ranges.length > 0 && ranges.every(({ from }) => from >= judgement.size);
  return isSurplus ? [`Records lie above the anchored head, which does not cover them; ${ADVICE_ABOVE_HEAD}.`] : [];
}
