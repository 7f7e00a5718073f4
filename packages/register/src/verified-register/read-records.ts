import { type CallOptions, isWormRecordIntact, StorageError, type WormRecord, type WormStore } from '@sorcha/storage';
import type { ChainRecord } from '../verification/chain-input.ts';
import { checkDocket } from '../verification/check-docket.ts';

/** A stretch of heights of one register, both bounds inclusive. */
export interface HeightRange {
  readonly registerId: string;
  readonly from: number;
  readonly to: number;
}

/** A record that cold storage holds but cannot give back. */
export interface UnreadableRecord {
  readonly height: number;
  readonly unreadable: string;
}

/** So many absent heights in a row are taken as the end of what can be read, when a stray record far above is unreadable. */
const LONGEST_GAP = 10_000;

/**
 * Reads the records of a range, ascending; absent heights are left out, unreadable ones are named. Ranges are independent, so
 * several can be read side by side. Only an outage of the store is an error (`UNAVAILABLE`, `TIMEOUT`).
 */
export async function* readRecords(
  cold: WormStore<string>,
  range: HeightRange,
  options: CallOptions = {},
): AsyncGenerator<WormRecord | UnreadableRecord> {
  const { registerId, to } = range;
  let next = range.from;
  for (let gap = 0; next <= to; next += 1) {
    try {
      for await (const record of cold.range(registerId, next, to, options)) {
        // A storage that repeats records or leaves the range is not followed: every height is read once, in order.
        if (record.sequence < next || record.sequence > to) {
          continue;
        }
        yield record;
        next = record.sequence + 1;
      }
      return;
    } catch (error) {
      if (!isDamage(error)) {
        throw error;
      }
    }
    // One record of the batch cannot be read: go on one by one until it is behind.
    const single = await readOne(cold, registerId, next, options);
    gap = single === undefined ? gap + 1 : 0;
    if (single !== undefined) {
      yield single;
    } else if (gap > LONGEST_GAP) {
      yield { height: to, unreadable: `nothing can be read from height ${next - gap} on` };
      return;
    }
  }
}

/** Reads one record; one that is there and cannot be given back is named, not thrown. */
export async function readOne(
  cold: WormStore<string>,
  registerId: string,
  height: number,
  options: CallOptions = {},
): Promise<WormRecord | UnreadableRecord | undefined> {
  try {
    return await cold.get(registerId, height, options);
  } catch (error) {
    if (!isDamage(error)) {
      throw error;
    }
    return { height, unreadable: error.message };
  }
}

/** Says whether an error is about what is stored, not about the store. */
export function isDamage(error: unknown): error is StorageError {
  return error instanceof StorageError && error.code === 'CORRUPTED';
}

/** Checks one record by itself, docket and storage seal. Pure: the verdict depends on the record alone. */
export function toChainRecord(registerId: string, record: WormRecord | UnreadableRecord): ChainRecord {
  if ('unreadable' in record) {
    return record;
  }
  const check = checkDocket(record.bytes, { registerId, height: record.sequence });
  return isWormRecordIntact(record)
    ? { height: record.sequence, check }
    : { height: record.sequence, check, sealBroken: 'the storage seal does not match the stored fields' };
}
