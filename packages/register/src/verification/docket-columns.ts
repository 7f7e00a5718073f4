import type { ChainRecord } from './chain-input.ts';

export const HASH_BYTES = 32;
/** So many hashes a row has. */
export const HASHES = 4;
const FIRST_ROWS = 64;
const FIRST_TRANSACTIONS = 512;

/**
 * Checked records, one row each, in arrays that can be handed to another thread without being copied.
 */
export interface DocketColumns {
  /** Ascending. */
  readonly heights: Float64Array<ArrayBuffer>;
  /** 128 bytes a row: SHA-256 of the record, hash of the docket, hash of the docket below, seal of the storage (zeros if unknown). */
  readonly hashes: Uint8Array<ArrayBuffer>;
  /** Milliseconds since 1970. */
  readonly timestamps: Float64Array<ArrayBuffer>;
  /** How many transactions all rows up to this one have together. */
  readonly ends: Float64Array<ArrayBuffer>;
  /** 32 bytes for each of them. */
  readonly ids: Uint8Array<ArrayBuffer>;
  /** What was found in rows that are not sound, whose other columns are 0. */
  readonly odd: readonly (readonly [row: number, record: ChainRecord])[];
}

/** The same columns, with room for more; only what `rows` and `transactions` count is in them. */
export interface GrowingColumns {
  rows: number;
  transactions: number;
  heights: Float64Array<ArrayBuffer>;
  hashes: Buffer<ArrayBuffer>;
  timestamps: Float64Array<ArrayBuffer>;
  ends: Float64Array<ArrayBuffer>;
  ids: Buffer<ArrayBuffer>;
}

/** Starts without rows. */
export function createColumns(): GrowingColumns {
  return {
    rows: 0,
    transactions: 0,
    heights: new Float64Array(FIRST_ROWS),
    hashes: Buffer.alloc(HASHES * FIRST_ROWS * HASH_BYTES),
    timestamps: new Float64Array(FIRST_ROWS),
    ends: new Float64Array(FIRST_ROWS),
    ids: Buffer.alloc(FIRST_TRANSACTIONS * HASH_BYTES),
  };
}

/** Makes room for more. By half as much again, so that growing costs little and leaves little unused. */
export function reserve(columns: GrowingColumns, rows: number, transactions: number): void {
  const { heights, timestamps, ends, hashes, ids } = columns;
  if (columns.rows + rows > heights.length) {
    const capacity = Math.max(columns.rows + rows, Math.ceil(1.5 * heights.length));
    columns.heights = copyInto(new Float64Array(capacity), heights);
    columns.timestamps = copyInto(new Float64Array(capacity), timestamps);
    columns.ends = copyInto(new Float64Array(capacity), ends);
    columns.hashes = copyInto(Buffer.alloc(HASHES * capacity * HASH_BYTES), hashes);
  }
  const bytes = (columns.transactions + transactions) * HASH_BYTES;
  if (bytes > ids.length) {
    const capacity = Math.max(bytes, HASH_BYTES * Math.ceil((1.5 * ids.length) / HASH_BYTES));
    columns.ids = copyInto(Buffer.alloc(capacity), ids);
  }
}

/** Adds a row behind the transactions that were added for it, and gives its number. */
export function addRow(columns: GrowingColumns, height: number, timestamp: number): number {
  const row = columns.rows;
  columns.heights[row] = height;
  columns.timestamps[row] = timestamp;
  columns.ends[row] = columns.transactions;
  columns.rows += 1;
  return row;
}

/** Adds all rows of others. */
export function addColumns(columns: GrowingColumns, added: DocketColumns): void {
  const { rows, transactions } = columns;
  reserve(columns, added.heights.length, added.ids.length / HASH_BYTES);
  columns.heights.set(added.heights, rows);
  columns.timestamps.set(added.timestamps, rows);
  columns.hashes.set(added.hashes, HASHES * rows * HASH_BYTES);
  columns.ids.set(added.ids, transactions * HASH_BYTES);
  for (const [row, end] of added.ends.entries()) columns.ends[rows + row] = transactions + end;
  columns.rows += added.heights.length;
  columns.transactions += added.ids.length / HASH_BYTES;
}

/** Adds one row of others. */
export function copyRow(columns: GrowingColumns, from: DocketColumns, row: number): void {
  const [first, end] = [from.ends[row - 1] ?? 0, from.ends[row] ?? 0];
  reserve(columns, 1, end - first);
  columns.ids.set(from.ids.subarray(first * HASH_BYTES, end * HASH_BYTES), columns.transactions * HASH_BYTES);
  columns.transactions += end - first;
  const to = addRow(columns, from.heights[row] ?? 0, from.timestamps[row] ?? 0);
  const bytes = HASHES * HASH_BYTES;
  columns.hashes.set(from.hashes.subarray(row * bytes, (row + 1) * bytes), to * bytes);
}

/** A copy without the room for more. */
export function copyColumns({ rows, transactions, ...columns }: GrowingColumns): Omit<DocketColumns, 'odd'> {
  return {
    heights: columns.heights.slice(0, rows),
    timestamps: columns.timestamps.slice(0, rows),
    ends: columns.ends.slice(0, rows),
    hashes: Uint8Array.from(columns.hashes.subarray(0, HASHES * rows * HASH_BYTES)),
    ids: Uint8Array.from(columns.ids.subarray(0, transactions * HASH_BYTES)),
  };
}

/** The arrays of columns, to be handed over to another thread. */
export function listBuffers({ heights, timestamps, ends, hashes, ids }: DocketColumns): ArrayBuffer[] {
  return [heights, timestamps, ends, hashes, ids].map(({ buffer }) => buffer);
}

function copyInto<T extends Float64Array | Uint8Array>(to: T, from: T): T {
  to.set(from);
  return to;
}
