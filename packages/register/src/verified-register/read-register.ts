import { setImmediate } from 'node:timers/promises';
import { StorageError, type WormStore } from '@sorcha/storage';
import { RegisterError } from '../docket/register-error.ts';
import type { ChainRecord } from '../verification/chain-input.ts';
import { isDamage, readRecords, toChainRecord } from './read-records.ts';

const BATCH_DOCKETS = 100;

/** How far a verification has come. */
export interface VerificationProgress {
  /** Records checked so far. */
  readonly dockets: number;
  /** Records to check, as far as known. */
  readonly total: number;
  readonly signatures: number;
}

/** What to read, and how. */
export interface ReadOptions {
  readonly registerId: string;
  readonly cold: WormStore<string>;
  /** Called after every `batchDockets` records (1 or more, default 100); the event loop runs in between. */
  readonly onProgress?: (progress: VerificationProgress) => void;
  readonly batchDockets?: number;
  readonly signal?: AbortSignal;
}

/** The records of a register that were read so far, each checked by itself. None of their bytes is kept. */
export interface RegisterReading {
  /** Ascending by height. */
  readonly records: ChainRecord[];
  /** The height that was not read yet. */
  next: number;
  signatures: number;
  /** Time spent waiting for cold storage, in milliseconds. */
  loadMs: number;
  /** Time spent checking, in milliseconds. */
  checkMs: number;
}

/**
 * Reads and checks every record that a register has at the moment. Errors as `verifyRegister`.
 *
 * @param known how many dockets there must be; each of their heights is looked for, whatever else cannot be read
 */
export async function readRegister(options: ReadOptions, known: number): Promise<RegisterReading> {
  const { registerId, cold, batchDockets = BATCH_DOCKETS, signal } = options;
  if (!Number.isSafeInteger(batchDockets) || batchDockets < 1) {
    throw new RegisterError('INVALID', `batchDockets must be a whole number from 1, not ${batchDockets}.`);
  }
  const reading: RegisterReading = { records: [], next: 0, signatures: 0, loadMs: 0, checkMs: 0 };
  const { height, unreadable } = await readHeight(cold, registerId, signal);
  if (height !== undefined) {
    await readOn(reading, { to: height, known }, options);
  }
  // Whatever makes the height unreadable was named where it lies; else it lies where no writer reaches.
  if (unreadable !== undefined && !reading.records.some((record) => record.unreadable !== undefined)) {
    reading.records.push({ height: Number.MAX_SAFE_INTEGER, unreadable });
  }
  return reading;
}

/** How far a register must be read. Damage can make the height unreadable, and must not keep the rest from being read. */
async function readHeight(
  cold: WormStore<string>,
  registerId: string,
  signal: AbortSignal | undefined,
): Promise<{ height: number | undefined; unreadable?: string }> {
  try {
    return { height: await cold.height(registerId, toCall(signal)) };
  } catch (error) {
    if (!isDamage(error)) {
      throw error;
    }
    return { height: Number.MAX_SAFE_INTEGER - 1, unreadable: error.message };
  }
}

/** A stretch of heights to read on: through `to`, of which those below `known` must exist. */
export interface ReadingGoal {
  readonly to: number;
  readonly known: number;
}

/** Goes on reading. */
export async function readOn(
  reading: RegisterReading,
  { to, known }: ReadingGoal,
  options: ReadOptions,
): Promise<void> {
  const { registerId, cold, batchDockets = BATCH_DOCKETS, onProgress, signal } = options;
  const started = performance.now();
  const checkedBefore = reading.checkMs;
  const counted = (await countRecords(cold, registerId, signal)) ?? known;
  const report = () => {
    const dockets = reading.records.length;
    onProgress?.({ dockets, total: Math.max(counted, dockets), signatures: reading.signatures });
  };
  for await (const stored of readRecords(cold, { registerId, from: reading.next, to, known }, toCall(signal))) {
    const before = performance.now();
    const record = toChainRecord(registerId, stored);
    reading.checkMs += performance.now() - before;
    reading.records.push(record);
    reading.signatures += record.check?.signaturesChecked ?? 0;
    if (reading.records.length % batchDockets === 0) {
      report();
      await setImmediate();
      requireWanted(signal);
    }
  }
  report();
  reading.next = to + 1;
  reading.loadMs += performance.now() - started - (reading.checkMs - checkedBefore);
}

/** How many records there are, as far as that can be read; only the progress depends on it. */
async function countRecords(
  cold: WormStore<string>,
  registerId: string,
  signal: AbortSignal | undefined,
): Promise<number | undefined> {
  try {
    return await cold.count(registerId, toCall(signal));
  } catch (error) {
    if (!isDamage(error)) {
      throw error;
    }
    return undefined;
  }
}

function requireWanted(signal: AbortSignal | undefined): void {
  if (signal?.aborted === true) {
    throw new StorageError('TIMEOUT', 'The verification was ended by its signal; start it again.', {
      cause: signal.reason,
    });
  }
}

function toCall(signal: AbortSignal | undefined) {
  return signal === undefined ? {} : { signal };
}
