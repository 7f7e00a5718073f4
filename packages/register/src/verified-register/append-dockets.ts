import { StorageError } from '@sorcha/storage';
import { createDocket } from '../docket/create-docket.ts';
import { RegisterError } from '../docket/register-error.ts';
import { sha256Hex } from '../docket/sha256.ts';
import { auditRefusal, type CheckedDocket, checkDockets, checkTransactions } from './check-dockets.ts';
import { readOne } from './read-records.ts';
import { refresh } from './refresh.ts';
import { anchorDockets, type RegisterCore, requireHealthy } from './register-core.ts';
import type { SealedDocket } from './verified-register.ts';

/** So many times a batch is written whose outcome was unknown and of which nothing was found afterwards. */
const MAX_WRITES = 3;

/** See `VerifiedRegister.seal`. */
export async function sealTransactions(
  core: RegisterCore,
  records: readonly (string | Uint8Array)[],
  timestamp: number = core.clock.now(),
): Promise<SealedDocket> {
  await catchUp(core);
  const transactions = auditRefusal(core, () => checkTransactions(core, records));
  const { registerId } = core.options;
  const { size: height, headHash: previousHash } = core.facts;
  const docket = createDocket({ registerId, height, previousHash, timestamp, transactions });
  const transactionIds = transactions.map(({ id }) => id);
  const text = Buffer.from(docket.record).toString('utf8');
  await write(core, [{ hash: docket.hash, digest: sha256Hex(docket.record), transactionIds, text }]);
  return { height, hash: docket.hash, transactionIds };
}

/** See `VerifiedRegister.append`. */
export async function appendDockets(core: RegisterCore, records: readonly Uint8Array[]): Promise<SealedDocket[]> {
  await catchUp(core);
  const dockets = auditRefusal(core, () => checkDockets(core, records));
  const firstHeight = core.facts.size;
  if (dockets.length > 0) {
    await write(core, dockets);
  }
  return dockets.map(({ hash, transactionIds }, index) => ({ height: firstHeight + index, hash, transactionIds }));
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
  await anchors.announce(registerId, core.facts.size, hashes);
  await store(core, dockets);
  try {
    await anchorDockets(core, dockets);
  } catch (cause) {
    core.isBehind = true;
    if (cause instanceof RegisterError && cause.code === 'ANCHOR_CONFLICT') {
      const lastHeight = core.facts.size + dockets.length - 1;
      await refresh(core);
      // Another writer's head may cover these dockets by now.
      if (core.facts.facts(lastHeight)?.hash === hashes.at(-1)) {
        return;
      }
    }
    throw unknown(core, 'it is stored, but its head could not be written', cause);
  }
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
        core.isBehind = true;
        await refresh(core);
        requireHealthy(core);
        throw new RegisterError('SEQUENCE_CONFLICT', `Height ${first} was sealed by another writer; seal again.`, {
          cause: error,
        });
      }
      if (attempt === MAX_WRITES) {
        throw unknown(core, 'the storage did not say so, and it was not found', error);
      }
    }
  }
}

/** What cold storage holds where dockets were to be written. A batch is atomic, so the last record tells of all. */
async function readBack(core: RegisterCore, dockets: readonly CheckedDocket[]): Promise<'these' | 'others' | 'none'> {
  const { registerId, cold } = core.options;
  const height = core.facts.size + dockets.length - 1;
  try {
    const record = await readOne(cold, registerId, height);
    if (record !== undefined) {
      const isThis = 'bytes' in record && sha256Hex(record.bytes) === dockets.at(-1)?.digest;
      return isThis ? 'these' : 'others';
    }
    return (await cold.exists(registerId, core.facts.size)) ? 'others' : 'none';
  } catch (cause) {
    throw unknown(core, 'the storage did not say so, and reading back failed', cause);
  }
}

function unknown(core: RegisterCore, reason: string, cause: unknown): RegisterError {
  core.isBehind = true;
  return new RegisterError(
    'OUTCOME_UNKNOWN',
    `Whether docket ${core.facts.size} is sealed is not known (${reason}); call refresh and look for its transactions.`,
    { cause },
  );
}
