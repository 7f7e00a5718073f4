import { setImmediate } from 'node:timers/promises';
import type { CallOptions, WormStore } from '@sorcha/storage';
import { createDocketTable, type DocketTable } from '../verification/docket-table.ts';
import { type HeightRange, readRecords, toChainRecord } from '../verified-register/read-records.ts';

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
    onRecord,
    ...call
  }: CallOptions & {
    /** Where the checks go. Default: a new one. */
    readonly table?: DocketTable;
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
    const record = toChainRecord(range.registerId, stored);
    table.append(record);
    const after = performance.now();
    const found = {
      signatures: record.check?.signaturesChecked ?? 0,
      hasUnreadable: record.unreadable !== undefined,
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
