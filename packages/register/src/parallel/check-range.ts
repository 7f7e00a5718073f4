import { setImmediate } from 'node:timers/promises';
import { type CallOptions, type WormRecord, type WormStore, wormSeal } from '@sorcha/storage';
import { toHex } from '../docket/sha256.ts';
import { type DocketColumns, HASH_BYTES, HASHES } from '../verification/docket-columns.ts';
import { createDocketTable, type DocketTable } from '../verification/docket-table.ts';
import {
  type HeightRange,
  readRecords,
  toChainRecord,
  type UnreadableRecord,
} from '../verified-register/read-records.ts';

/** The longest that the event loop has to wait while dockets are checked, in milliseconds, but for one docket. */
const SLICE_MS = 10;

/** The checks of a range of heights. */
export interface CheckedRange {
  readonly table: DocketTable;
  /** How many signatures were verified. */
  readonly signatures: number;
  /** Whether a record that is there could not be read. */
  readonly hasUnreadable: boolean;
  /** Time spent checking, in milliseconds; the rest was spent waiting for cold storage. */
  readonly checkMs: number;
}

/** Reads and checks the records of a range, each by itself. Errors as `readRecords`. */
export async function checkRange(
  cold: WormStore<string>,
  range: HeightRange,
  {
    table = createDocketTable(),
    known,
    onRecord,
    ...call
  }: CallOptions & {
    /** Where the checks go. Default: a new one. */
    readonly table?: DocketTable;
    /** Dockets whose signatures were verified before: the same bytes at the same place are not verified again. */
    readonly known?: DocketColumns;
    /** Called after every record with what was found in it; says whether the event loop is to run now. Can throw to end the checking. */
    readonly onRecord?: (found: Omit<CheckedRange, 'table'>) => boolean;
  } = {},
): Promise<CheckedRange> {
  let signatures = 0;
  let hasUnreadable = false;
  let checkMs = 0;
  let sliceStartedAt = performance.now();
  for await (const stored of readRecords(cold, range, call)) {
    const before = performance.now();
    const record = isKnown(stored, known) ? undefined : toChainRecord(range.registerId, stored);
    if (record !== undefined) {
      table.append(record);
    } else if (known !== undefined && 'sequence' in stored) {
      table.appendRow(known, stored.sequence);
    }
    const after = performance.now();
    const found = {
      signatures: record?.check?.signaturesChecked ?? 0,
      hasUnreadable: record?.unreadable !== undefined,
      checkMs: after - before,
    };
    checkMs += found.checkMs;
    signatures += found.signatures;
    hasUnreadable ||= found.hasUnreadable;
    if (onRecord?.(found) === true || after - sliceStartedAt > SLICE_MS) {
      await setImmediate();
      sliceStartedAt = performance.now();
    }
  }
  return { table, signatures, hasUnreadable, checkMs };
}

/** Says whether a record is one that was verified before: its place, its time and each of its bytes are in the seal. */
function isKnown(stored: WormRecord | UnreadableRecord, known: DocketColumns | undefined): boolean {
  if (known === undefined || 'unreadable' in stored || stored.sequence >= known.heights.length) {
    return false;
  }
  const start = (HASHES * stored.sequence + HASHES - 1) * HASH_BYTES;
  const seal = toHex(known.hashes.subarray(start, start + HASH_BYTES));
  return stored.sha256 === seal && wormSeal(stored) === seal;
}
