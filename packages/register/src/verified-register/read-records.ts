import { setImmediate } from 'node:timers/promises';
import { type CallOptions, isWormRecordIntact, StorageError, type WormRecord, type WormStore } from '@sorcha/storage';
import type { ChainRecord } from '../verification/chain-input.ts';
import { checkDocket } from '../verification/check-docket.ts';

/** A stretch of heights of one register, both bounds inclusive. */
export interface HeightRange {
  readonly registerId: string;
  readonly from: number;
  readonly to: number;
  /** Heights below it are known to have been sealed: each of them is looked for, whatever the storage says. Default 0. */
  readonly known?: number;
}

/** A record that cold storage holds but cannot give back. */
export interface UnreadableRecord {
  readonly height: number;
  readonly unreadable: string;
}

/** Above the known heights, so many in a row that cannot be read are the end of what is looked for. */
const LONGEST_LOSS = 10_000;
/** So many records in a row that nobody asked for end a stretch. */
const MOST_STRAYS = 1_000;

/**
 * Reads the records of a range, ascending; absent heights are left out, unreadable ones are named. Ranges are independent, so
 * several can be read side by side. Only an outage of the store is an error (`UNAVAILABLE`, `TIMEOUT`).
 *
 * A stretch that fails is read again by halves, down to single heights: so an unreadable record hides no other, wherever
 * they lie, and a fault that passes hides none. Costs about two calls for each height that is lost, and none for an absent one.
 */
export async function* readRecords(
  cold: WormStore<string>,
  { registerId, from, to, known = 0 }: HeightRange,
  options: CallOptions = {},
): AsyncGenerator<WormRecord | UnreadableRecord> {
  /** Where the stretches end that are still to be read, the nearest last. */
  const ends = from > to ? [] : [to];
  /** Heights in a row, none of them known, that were lost: only a record above them shows that they are no mere noise. */
  const doubtful: UnreadableRecord[] = [];
  let lastNamed = Number.NaN;
  let next = from;
  for (let end = ends.at(-1); end !== undefined; end = ends.at(-1)) {
    const start = next;
    try {
      for await (const record of readStretch(cold, { registerId, from: next, to: end }, options)) {
        yield* doubtful.splice(0);
        yield record;
        next = record.sequence + 1;
      }
    } catch (error) {
      if (!isDamage(error)) {
        throw error;
      }
      if (start < end && next <= end) {
        const middle = next + Math.floor((end - next) / 2);
        ends.push(...(middle < end ? [middle] : []));
        continue;
      }
      const lost = { height: end, unreadable: error.message };
      if (start === end && end >= known) {
        doubtful.push(lost);
        // Many calls can fail before anything is handed out, and others want their turn meanwhile.
        await setImmediate();
      } else if (start === end) {
        yield lost;
        lastNamed = end;
      }
    }
    ends.pop();
    next = end + 1;
    const [first] = doubtful;
    if (first !== undefined && doubtful.length > LONGEST_LOSS) {
      // Where it goes on from heights that are named already, it is their damage that keeps the storage from looking further.
      if (first.height !== lastNamed + 1) {
        yield { height: first.height, unreadable: `${first.unreadable} Nothing above it can be read either.` };
      }
      return;
    }
  }
  yield* doubtful;
}

/** The records of a stretch as the storage gives them, but each once and in order, whatever the storage repeats. */
async function* readStretch(
  cold: WormStore<string>,
  { registerId, from, to }: HeightRange,
  options: CallOptions,
): AsyncGenerator<WormRecord> {
  let next = from;
  let strays = 0;
  for await (const record of from === to
    ? getAlone(cold, registerId, from, options)
    : cold.range(registerId, from, to, options)) {
    if (Number.isSafeInteger(record.sequence) && record.sequence >= next && record.sequence <= to) {
      next = record.sequence + 1;
      strays = 0;
      yield record;
    } else {
      strays += 1;
    }
    if (strays > MOST_STRAYS) {
      throw new StorageError('CORRUPTED', `The storage gives what was not asked for in place of height ${next}.`);
    }
  }
}

/** A stretch of one height. Asks the storage in another way than for a range, which may find what that does not. */
async function* getAlone(
  cold: WormStore<string>,
  registerId: string,
  height: number,
  options: CallOptions,
): AsyncGenerator<WormRecord> {
  const record = await cold.get(registerId, height, options);
  if (record !== undefined) {
    yield record;
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
    ? { height: record.sequence, check, seal: record.sha256 }
    : { height: record.sequence, check, sealBroken: 'the storage seal does not match the stored fields' };
}
