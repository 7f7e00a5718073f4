import { setImmediate } from 'node:timers/promises';
import { StorageError, type WormStore } from '@sorcha/storage';
import { RegisterError } from '../docket/register-error.ts';
import type { ChainRecord } from '../verification/chain-input.ts';
import { isDamage, readRecords, toChainRecord, type UnreadableRecord } from './read-records.ts';

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

/** Reads and checks every record that a register has at the moment. Errors as `verifyRegister`. */
export async function readRegister(options: ReadOptions): Promise<RegisterReading> {
  const { registerId, cold, batchDockets = BATCH_DOCKETS, signal } = options;
  if (!Number.isSafeInteger(batchDockets) || batchDockets < 1) {
    throw new RegisterError('INVALID', `batchDockets must be a whole number from 1, not ${batchDockets}.`);
  }
  const reading: RegisterReading = { records: [], next: 0, signatures: 0, loadMs: 0, checkMs: 0 };
  const { height, stray } = await readHeight(cold, registerId, signal);
  if (height !== undefined) {
    await readOn(reading, height, options);
  }
  if (stray !== undefined) {
    reading.records.push(stray);
  }
  return reading;
}

/**
 * How far a register must be read. A record at a place that no writer reaches makes the height unreadable; it is named, and must
 * not keep what lies below it from being read.
 */
async function readHeight(
  cold: WormStore<string>,
  registerId: string,
  signal: AbortSignal | undefined,
): Promise<{ height: number | undefined; stray?: UnreadableRecord }> {
  try {
    return { height: await cold.height(registerId, toCall(signal)) };
  } catch (error) {
    if (!isDamage(error)) {
      throw error;
    }
    const height = Number.MAX_SAFE_INTEGER;
    return { height: height - 1, stray: { height, unreadable: error.message } };
  }
}

/** Goes on reading through the height `to`. */
export async function readOn(reading: RegisterReading, to: number, options: ReadOptions): Promise<void> {
  const { registerId, cold, batchDockets = BATCH_DOCKETS, onProgress, signal } = options;
  const started = performance.now();
  const checkedBefore = reading.checkMs;
  const total = await cold.count(registerId, toCall(signal));
  const report = () => onProgress?.({ dockets: reading.records.length, total, signatures: reading.signatures });
  for await (const stored of readRecords(cold, { registerId, from: reading.next, to }, toCall(signal))) {
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
