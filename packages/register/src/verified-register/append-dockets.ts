import { StorageError } from '@sorcha/storage';
import { createDocket } from '../docket/create-docket.ts';
import { RegisterError } from '../docket/register-error.ts';
import { sha256Hex } from '../docket/sha256.ts';
import { auditRefusal, checkTransactions, createDocketChecker, toList } from './check-dockets.ts';
import { readOne } from './read-records.ts';
import { refresh } from './refresh.ts';
import { anchorDockets, type RegisterCore, requireHealthy } from './register-core.ts';
import type { DocketFacts } from './verified-facts.ts';
import type { SealedDocket, SealOptions } from './verified-register.ts';

/** So many times a batch is written whose outcome was unknown and of which nothing was found afterwards. */
const MAX_WRITES = 3;
/** So many times transactions are sealed anew on top of what other writers sealed first. */
const MAX_REBASES = 100;

/** A docket that may be appended. */
interface CheckedDocket extends DocketFacts {
  /** The record as text; UTF-8 brings its bytes back. */
  readonly text: string;
}

/** See `VerifiedRegister.seal`. */
export async function sealTransactions(
  core: RegisterCore,
  records: readonly (string | Uint8Array)[],
  options?: SealOptions,
): Promise<SealedDocket> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await sealNext(core, records, options?.timestamp);
    } catch (error) {
      const isBeaten = error instanceof RegisterError && error.code === 'SEQUENCE_CONFLICT';
      if (!isBeaten || options?.rebase !== true || attempt === MAX_REBASES) {
        throw error;
      }
      // It has caught up by now. To pause would only leave it behind again.
    }
  }
}

async function sealNext(
  core: RegisterCore,
  records: readonly (string | Uint8Array)[],
  timestamp: number = core.clock.now(),
): Promise<SealedDocket> {
  await catchUp(core);
  const { registerId } = core.options;
  const { size: height, headHash: previousHash } = core.facts;
  const docket = auditRefusal(core, () => {
    const transactions = checkTransactions(core, records);
    return createDocket({ registerId, height, previousHash, timestamp, transactions });
  });
  const { hash, record } = docket;
  const transactionIds = docket.transactions.map(({ id }) => id);
  const digest = sha256Hex(record);
  await write(core, [{ hash, digest, previousHash, timestamp, transactionIds, text: toText(record) }]);
  return { height, hash, transactionIds };
}

/** See `VerifiedRegister.append`. */
export async function appendDockets(core: RegisterCore, records: readonly Uint8Array[]): Promise<SealedDocket[]> {
  await catchUp(core);
  const dockets = auditRefusal(core, () => {
    const list = toList(records);
    const checker = createDocketChecker(core);
    return list.map((record) => Object.assign(checker.check(record), { text: toText(record) }));
  });
  const firstHeight = core.facts.size;
  if (dockets.length > 0) {
    await write(core, dockets);
  }
  return dockets.map(({ hash, transactionIds }, index) => ({ height: firstHeight + index, hash, transactionIds }));
}

function toText(record: Uint8Array): string {
  return Buffer.from(record.buffer, record.byteOffset, record.byteLength).toString('utf8');
}

async function catchUp(core: RegisterCore): Promise<void> {
  requireHealthy(core);
  if (core.isBehind) {
    await refresh(core);
    requireHealthy(core);
  }
}

/**
 * Writes checked dockets in the one order that a crash cannot hurt: announce, store, anchor, publish. A docket that was
 * stored and not anchored is taken over at the next start, because it was announced; one that nobody announced is a forgery.
 */
async function write(core: RegisterCore, dockets: readonly CheckedDocket[]): Promise<void> {
  const { registerId, anchors } = core.options;
  const hashes = dockets.map(({ hash }) => hash);
  const first = core.facts.size;
  await anchors.announce(registerId, first, hashes);
  // Until the head covers the dockets, whatever goes wrong leaves something to catch up with.
  core.isBehind = true;
  await store(core, dockets);
  try {
    await anchorDockets(core, dockets);
    core.isBehind = false;
  } catch (cause) {
    if (await isCoveredByOther(core, cause, { height: first + dockets.length - 1, hash: hashes.at(-1) })) {
      return;
    }
    throw unknown(first, 'it is stored, but its head could not be written', cause);
  }
}

/** True when the head could not be moved because another writer's head covers the dockets already. */
async function isCoveredByOther(
  core: RegisterCore,
  error: unknown,
  last: { readonly height: number; readonly hash: string | undefined },
): Promise<boolean> {
  if (!(error instanceof RegisterError && error.code === 'ANCHOR_CONFLICT')) {
    return false;
  }
  try {
    await refresh(core);
  } catch {
    // What is wrong now shows at the next call; this one has its own error to tell.
    return false;
  }
  return core.facts.facts(last.height)?.hash === last.hash;
}

async function store(core: RegisterCore, dockets: readonly CheckedDocket[]): Promise<void> {
  const { registerId, cold } = core.options;
  const first = core.facts.size;
  const texts = dockets.map(({ text }) => text);
  for (let attempt = 1; ; attempt += 1) {
    try {
      await cold.appendBatch(registerId, first, texts);
      return;
    } catch (error) {
      const isConflict = error instanceof StorageError && error.code === 'SEQUENCE_CONFLICT';
      const isUnknown = error instanceof StorageError && error.code === 'OUTCOME_UNKNOWN';
      if (!isConflict && !isUnknown) {
        throw error;
      }
      const found = await readBack(core, dockets);
      if (found === 'these') {
        return;
      }
      if (found === 'others' || isConflict) {
        await refresh(core);
        requireHealthy(core);
        throw new RegisterError('SEQUENCE_CONFLICT', `Height ${first} was sealed by another writer; seal again.`, {
          cause: error,
        });
      }
      if (attempt === MAX_WRITES) {
        throw unknown(first, 'the storage did not say so, and it was not found', error);
      }
    }
  }
}

/** What cold storage holds where dockets were to be written. A batch is atomic, so the last record tells of all. */
async function readBack(core: RegisterCore, dockets: readonly CheckedDocket[]): Promise<'these' | 'others' | 'none'> {
  const { registerId, cold } = core.options;
  const first = core.facts.size;
  try {
    const record = await readOne(cold, registerId, first + dockets.length - 1);
    if (record !== undefined) {
      const isThis = 'bytes' in record && sha256Hex(record.bytes) === dockets.at(-1)?.digest;
      return isThis ? 'these' : 'others';
    }
    return (await cold.exists(registerId, first)) ? 'others' : 'none';
  } catch (cause) {
    throw unknown(first, 'the storage did not say so, and reading back failed', cause);
  }
}

function unknown(height: number, reason: string, cause: unknown): RegisterError {
  return new RegisterError(
    'OUTCOME_UNKNOWN',
    `Whether docket ${height} is sealed is not known (${reason}); call refresh and look for its transactions.`,
    { cause },
  );
}
