import { toHex } from '../docket/sha256.ts';
import type { ChainRecord } from './chain-input.ts';
import type { DocketCheck } from './check-docket.ts';
import {
  addColumns,
  addRow,
  copyColumns,
  copyRow,
  createColumns,
  type DocketColumns,
  type GrowingColumns,
  HASH_BYTES,
  HASHES,
  reserve,
} from './docket-columns.ts';
import { createTransactionIndex, type TransactionIndex } from './transaction-index.ts';

/** A row to be appended that is already known to be sound: its record is what it says it is, signed, sealed and whole. */
export interface SoundDocket {
  readonly height: number;
  readonly digest: string;
  readonly hash: string;
  readonly previousHash: string;
  readonly timestamp: number;
  readonly transactionIds: readonly string[];
  /** The seal that the storage keeps with the record, hex; left out where it is not known. */
  readonly seal?: string;
}

/**
 * Checked records in ascending order of height, some 155 bytes each and 32 bytes for each transaction; of a record that is not
 * sound, the whole finding is kept.
 */
export interface DocketTable {
  /** Number of rows. */
  readonly length: number;
  /** Number of transactions in sound rows. */
  readonly transactions: number;
  height(row: number): number;
  /** The row of a height; -1 for none. */
  find(height: number): number;
  /** True for a record by itself without fault; its place in the chain is another matter. */
  isSound(row: number): boolean;
  /** Everything about a row. Costs far more than the columns. */
  record(row: number): ChainRecord;
  /** The columns of a sound row, as views of 32 bytes that the next append can make stale. */
  digest(row: number): Uint8Array;
  hash(row: number): Uint8Array;
  previousHash(row: number): Uint8Array;
  timestamp(row: number): number;
  /** The numbers of the row's transactions: from the first up to, not including, the last. */
  transactionsOf(row: number): { readonly from: number; readonly to: number };
  transactionId(number: number): string;
  /** The row that has a transaction. */
  rowOf(number: number): number;
  /** Starts an index of the transactions, in which none is yet. */
  createIndex(): TransactionIndex;
  append(record: ChainRecord): void;
  appendSound(docket: SoundDocket): void;
  /** Appends one row of another table. */
  appendRow(columns: DocketColumns, row: number): void;
  /** Appends the rows of another table. */
  appendColumns(columns: DocketColumns): void;
  /** What the table holds at the moment, for `appendColumns`. */
  toColumns(): DocketColumns;
}

/** Starts an empty table. */
export function createDocketTable(): DocketTable {
  const columns = createColumns();
  const odd = new Map<number, ChainRecord>();
  const table: DocketTable = {
    get length() {
      return columns.rows;
    },
    get transactions() {
      return columns.transactions;
    },
    ...createReads(columns),
    isSound: (row) => !odd.has(row),
    record: (row) => odd.get(row) ?? toRecord(table, row),
    createIndex: () => createTransactionIndex(() => columns.ids),
    append: (record) => {
      const sound = toSound(record);
      if (sound !== undefined) {
        table.appendSound(sound);
        return;
      }
      reserve(columns, 1, 0);
      odd.set(addRow(columns, record.height, 0), record);
    },
    appendSound: ({ height, digest, hash, previousHash, timestamp, transactionIds, seal = '' }) => {
      reserve(columns, 1, transactionIds.length);
      for (const id of transactionIds) {
        columns.ids.write(id, columns.transactions * HASH_BYTES, HASH_BYTES, 'hex');
        columns.transactions += 1;
      }
      const row = addRow(columns, height, timestamp);
      for (const [column, text] of [digest, hash, previousHash, seal].entries()) {
        columns.hashes.write(text, (HASHES * row + column) * HASH_BYTES, HASH_BYTES, 'hex');
      }
    },
    appendRow: (from, row) => copyRow(columns, from, row),
    appendColumns: (added) => {
      for (const [row, record] of added.odd) odd.set(columns.rows + row, record);
      addColumns(columns, added);
    },
    toColumns: () => ({ ...copyColumns(columns), odd: [...odd] }),
  };
  return table;
}

type Reads = Pick<
  DocketTable,
  'height' | 'find' | 'digest' | 'hash' | 'previousHash' | 'timestamp' | 'transactionsOf' | 'transactionId' | 'rowOf'
>;

function createReads(columns: GrowingColumns): Reads {
  /** The hashes of a row lie side by side. */
  const hashAt = (row: number, column: 0 | 1 | 2) =>
    columns.hashes.subarray((HASHES * row + column) * HASH_BYTES, (HASHES * row + column + 1) * HASH_BYTES);
  return {
    height: (row) => columns.heights[row] ?? Number.NaN,
    find: (height) => {
      const { heights, rows } = columns;
      // Mostly nothing is absent, and the rows are the heights.
      const isSame = height < rows && heights[height] === height;
      const row = isSame ? height : search(heights, rows, height);
      return row < rows && heights[row] === height ? row : -1;
    },
    digest: (row) => hashAt(row, 0),
    hash: (row) => hashAt(row, 1),
    previousHash: (row) => hashAt(row, 2),
    timestamp: (row) => columns.timestamps[row] ?? Number.NaN,
    transactionsOf: (row) => ({ from: columns.ends[row - 1] ?? 0, to: columns.ends[row] ?? 0 }),
    transactionId: (number) => columns.ids.toString('hex', number * HASH_BYTES, (number + 1) * HASH_BYTES),
    rowOf: (number) => search(columns.ends, columns.rows, number + 1),
  };
}

/** The table of some records, which are in ascending order of height. */
export function toDocketTable(records: readonly ChainRecord[]): DocketTable {
  const table = createDocketTable();
  for (const record of records) table.append(record);
  return table;
}

function toSound(record: ChainRecord): SoundDocket | undefined {
  if (record.check === undefined) return undefined;
  const { height, check, sealBroken, seal } = record;
  if (sealBroken !== undefined || check.damage !== undefined || check.badSignature !== undefined) {
    return undefined;
  }
  const { recordDigest: digest, hash, previousHash, timestamp, transactionIds } = check;
  const isWhole = hash !== undefined && previousHash !== undefined && timestamp !== undefined;
  const sealed = seal === undefined ? {} : { seal };
  return isWhole ? { height, digest, hash, previousHash, timestamp, transactionIds, ...sealed } : undefined;
}

function toRecord(table: DocketTable, row: number): ChainRecord {
  const { from, to } = table.transactionsOf(row);
  const hash = toHex(table.hash(row));
  const check: DocketCheck = {
    recordDigest: toHex(table.digest(row)),
    hash,
    claimedHash: hash,
    previousHash: toHex(table.previousHash(row)),
    timestamp: table.timestamp(row),
    transactionCount: to - from,
    transactionIds: Array.from({ length: to - from }, (_, index) => table.transactionId(from + index)),
    signaturesChecked: to - from,
  };
  return { height: table.height(row), check };
}

/** The first of `length` ascending numbers that is not below `wanted`. */
function search(numbers: Float64Array, length: number, wanted: number): number {
  let [low, high] = [0, length];
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((numbers[middle] ?? 0) < wanted) low = middle + 1;
    else high = middle;
  }
  return low;
}
