import { StorageError, type WormStore } from '@sorcha/storage';
import { RegisterError } from '../docket/register-error.ts';
import { checkInParallel, type ParallelOptions } from '../parallel/check-in-parallel.ts';
import { checkRange } from '../parallel/check-range.ts';
import type { CheckedPiece } from '../parallel/thread-messages.ts';
import type { DocketColumns } from '../verification/docket-columns.ts';
import { createDocketTable, type DocketTable } from '../verification/docket-table.ts';
import { isDamage } from './read-records.ts';

const BATCH_DOCKETS = 100;
/** To start threads takes as long as to check so many dockets of ten transactions. */
const FEWEST_DOCKETS = 500;

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
  /** Called after every `batchDockets` records (1 or more, default 100); the event loop runs every few milliseconds. */
  readonly onProgress?: (progress: VerificationProgress) => void;
  readonly batchDockets?: number;
  readonly signal?: AbortSignal;
  /** Has threads check what lies under the anchored head, if that is long enough. Default: all is checked in the calling thread. */
  readonly parallel?: ParallelOptions;
  /** Dockets whose signatures were verified before, see `checkRange`. They are read in the calling thread. */
  readonly known?: DocketColumns;
  /** Called whenever more records are in the table: all that there are below this height. */
  readonly onCovered?: (height: number) => void;
}

/** The records of a register that were read so far, each checked by itself. None of their bytes is kept. */
export interface RegisterReading {
  readonly table: DocketTable;
  /** Set when a record that is there could not be read. */
  hasUnreadable: boolean;
  /** The height that was not read yet. */
  next: number;
  signatures: number;
  /** Time spent waiting for cold storage, in milliseconds. */
  loadMs: number;
  /** Time spent checking, in milliseconds. */
  checkMs: number;
}

/** Nothing read yet. */
export function createReading(): RegisterReading {
  return { table: createDocketTable(), hasUnreadable: false, next: 0, signatures: 0, loadMs: 0, checkMs: 0 };
}

/**
 * Reads and checks every record that a register has at the moment. Errors as `verifyRegister`.
 *
 * @param known how many dockets there must be; each of their heights is looked for, whatever else cannot be read
 */
export async function readRegister(reading: RegisterReading, options: ReadOptions, known: number): Promise<void> {
  const { registerId, cold, batchDockets = BATCH_DOCKETS, signal } = options;
  if (!Number.isSafeInteger(batchDockets) || batchDockets < 1) {
    throw new RegisterError('INVALID', `batchDockets must be a whole number from 1, not ${batchDockets}.`);
  }
  const { height, unreadable } = await readHeight(cold, registerId, signal);
  if (height !== undefined) {
    await readOn(reading, { to: height, known }, options);
  }
  // Whatever makes the height unreadable was named where it lies; else it lies where no writer reaches.
  if (unreadable !== undefined && !reading.hasUnreadable) {
    reading.table.append({ height: Number.MAX_SAFE_INTEGER, unreadable });
  }
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
export async function readOn(reading: RegisterReading, goal: ReadingGoal, options: ReadOptions): Promise<void> {
  const {
    registerId,
    cold,
    batchDockets = BATCH_DOCKETS,
    onProgress,
    signal,
    parallel,
    onCovered,
    known: verified,
  } = options;
  const { to, known } = goal;
  const { table } = reading;
  const started = performance.now();
  const checkedBefore = reading.checkMs;
  const counted = (await countRecords(cold, registerId, signal)) ?? known;
  let reported = table.length;
  const report = () => {
    reported = table.length;
    onProgress?.({ dockets: reported, total: Math.max(counted, reported), signatures: reading.signatures });
  };
  const takeOver = ({ signatures, hasUnreadable, checkMs }: Omit<CheckedPiece, 'number' | 'to' | 'columns'>) => {
    reading.signatures += signatures;
    reading.hasUnreadable ||= hasUnreadable;
    reading.checkMs += checkMs;
    requireWanted(signal);
    const isDue = table.length - reported >= batchDockets;
    if (isDue) report();
    return isDue;
  };
  const onRecord = (found: Parameters<typeof takeOver>[0]) => {
    onCovered?.(table.height(table.length - 1) + 1);
    return takeOver(found);
  };
  const readAlone = async (last: number) => {
    const range = { registerId, from: reading.next, to: last, known };
    await checkRange(cold, range, {
      ...toCall(signal),
      ...(verified === undefined ? {} : { known: verified }),
      table,
      onRecord,
    });
    reading.next = last + 1;
  };
  const verifiedEnd = Math.min(to, (verified?.heights.length ?? 0) - 1);
  if (verifiedEnd >= reading.next) {
    await readAlone(verifiedEnd);
  }
  // Cut into pieces, only heights that must exist are looked for in the same way as in one go.
  const end = Math.min(to, known - 1);
  if (parallel !== undefined && end - reading.next + 1 >= (parallel.fewestDockets ?? FEWEST_DOCKETS)) {
    const range = { registerId, from: reading.next, to: end, known };
    const onChecked = (piece: CheckedPiece) => {
      table.appendColumns(piece.columns);
      onCovered?.(piece.to + 1);
      takeOver(piece);
    };
    await checkInParallel({ range, cold, parallel, signal, onChecked });
    reading.next = end + 1;
  }
  await readAlone(to);
  report();
  reading.loadMs += Math.max(0, performance.now() - started - (reading.checkMs - checkedBefore));
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
