import { RegisterError } from '../docket/register-error.ts';
import { isRegisterId } from '../docket/register-id.ts';
import { SIGNATURE_ENGINE } from '../docket/signature-engine.ts';
import { appendDockets, sealTransactions } from './append-dockets.ts';
import { loadFacts } from './load-facts.ts';
import { queryTransactions } from './query-transactions.ts';
import { readDocket, readTransaction } from './read-docket.ts';
import { refresh } from './refresh.ts';
import {
  ADVICE_ABOVE_HEAD,
  anchorDockets,
  createCore,
  initializing,
  type RegisterCore,
  requireHealthy,
  requireOnline,
} from './register-core.ts';
import type { RegisterOptions } from './register-options.ts';
import { createSerialQueue } from './serial-queue.ts';
import { PROGRESSIVE_DOCKETS, prepareProgressiveStart } from './start-progressively.ts';
import type { StartupReport } from './startup-report.ts';
import { findReceipt, renewReceipt } from './use-receipt.ts';
import type { VerifiedRegister } from './verified-register.ts';
import { type RegisterVerification, requireParts } from './verify-register.ts';

/**
 * Verifies a register and opens it. With a blocking start the promise resolves when every docket has its verdict; with a progressive
 * one at once, and `started` tells when that is so. A damaged register opens, too: it is Degraded, serves what is proven and takes nothing.
 *
 * @throws RegisterError `INVALID` for a malformed option, `INVALID_KEY` when the node's key is not Ed25519, `ANCHOR_INVALID` when
 * the anchored head is not this node's, `ANCHOR_CONFLICT` when other writers moved the head again and again.
 * @throws StorageError `UNAVAILABLE`, `TIMEOUT` when cold storage or the anchor store cannot be read or, after a crash, the head
 * not be written.
 */
export async function openVerifiedRegister(options: RegisterOptions): Promise<VerifiedRegister> {
  const { registerId, start } = options;
  if (!isRegisterId(registerId)) {
    throw new RegisterError(
      'INVALID',
      `${JSON.stringify(registerId)} is no register id: use 1 to 63 of a-z 0-9 and inner hyphens.`,
    );
  }
  if (start !== undefined && start !== 'blocking' && start !== 'progressive') {
    throw new RegisterError('INVALID', `${JSON.stringify(start)} is no kind of start: "blocking" or "progressive".`);
  }
  const { cacheBytes = 0 } = options;
  if (!Number.isSafeInteger(cacheBytes) || cacheBytes < 0) {
    throw new RegisterError('INVALID', `cacheBytes must be a whole number from 0, not ${cacheBytes}.`);
  }
  requireParts(options);
  const core = createCore(options);
  const ended = new AbortController();
  const signal = options.signal === undefined ? ended.signal : AbortSignal.any([options.signal, ended.signal]);
  core.receipt = await findReceipt(core);
  const fewest = start === 'progressive' ? 0 : PROGRESSIVE_DOCKETS;
  const verify = start === 'blocking' ? undefined : await prepareProgressiveStart(core, fewest, signal);
  const starting: Start = { report: undefined, renewing: undefined, end: () => ended.abort() };
  const started = (async () => {
    try {
      const verification = await (verify ?? loadFacts.bind(undefined, core))();
      starting.report = toReport(core, verification);
      starting.renewing = renewReceipt(core, verification, ended.signal);
      return starting.report;
    } catch (error) {
      giveUp(core, error);
      throw error;
    }
  })();
  if (verify === undefined) {
    await started;
  }
  // Who does not wait for it hears of it as an event.
  started.catch(() => undefined);
  return toRegister(core, started, starting);
}

/** How a start stands. */
interface Start {
  report: StartupReport | undefined;
  /** What goes on after it, never rejected. */
  renewing: Promise<void> | undefined;
  end(): void;
}

/** A register of which nobody can say any more what is proven serves nothing. */
function giveUp({ machine }: RegisterCore, error: unknown): void {
  if (machine.state === 'Initializing') {
    machine.change('Offline', 'failed', `The start failed: ${error instanceof Error ? error.message : String(error)}`);
  }
}

function toRegister(core: RegisterCore, started: Promise<StartupReport>, start: Start): VerifiedRegister {
  const queue = createSerialQueue();
  return {
    registerId: core.options.registerId,
    get state() {
      return core.machine.state;
    },
    get size() {
      return Math.max(core.facts.size, core.beginning?.size ?? 0);
    },
    get verifiedSize() {
      return core.facts.size;
    },
    get headHash() {
      return core.beginning === undefined ? core.facts.headHash : core.beginning.proven.at(core.beginning.size - 1);
    },
    started,
    get report() {
      if (start.report === undefined) {
        throw initializing(core, 'there is no report');
      }
      return start.report;
    },
    ranges: () => core.facts.ranges(),
    docket: (height) => readDocket(core, height),
    transaction: (id) => readTransaction(core, id),
    transactions: (query) => queryTransactions(core, query),
    seal: (transactions, options) => queue.run(() => sealTransactions(core, transactions, options)),
    append: (records) => queue.run(() => appendDockets(core, records)),
    refresh: () => queue.run(() => refresh(core)),
    adoptHead: () => queue.run(() => adoptHead(core)),
    close: () =>
      queue.run(async () => {
        start.end();
        if (core.beginning !== undefined) {
          await started.catch(() => undefined);
        }
        if (core.machine.state !== 'Offline') {
          core.machine.change('Offline', 'closed', 'The register was closed.');
        }
        await start.renewing;
      }),
  };
}

async function adoptHead(core: RegisterCore): Promise<void> {
  requireOnline(core);
  if (core.beginning !== undefined) {
    throw initializing(core, 'no head can be adopted');
  }
  if (core.note !== undefined || core.facts.damages().length > 0 || core.machine.state !== 'Degraded') {
    requireHealthy(core);
    return;
  }
  core.machine.change('Recovering', 'adoption', 'The operator vouches for the present head.');
  try {
    await anchorDockets(core, []);
  } catch (error) {
    core.machine.change('Degraded', 'adoption', 'The head could not be written.');
    throw error;
  }
  // A reader may have found damage meanwhile.
  if (core.facts.damages().length > 0) {
    core.machine.change('Degraded', 'adoption', 'The present head was signed; not everything under it is proven.');
  } else {
    core.machine.change('Healthy', 'adoption', 'The present head was signed.');
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
    receipt: core.receipt.use,
    engine: SIGNATURE_ENGINE.name,
    warnings: [...listWarnings(verification), ...(core.receipt.warning === undefined ? [] : [core.receipt.warning])],
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
