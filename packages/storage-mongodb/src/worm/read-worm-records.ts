import { StorageError, type WormRecord } from '@sorcha/storage';
import { checkRecordSize } from '@sorcha/storage/provider';
import { Binary, type ClientSession, type Collection } from 'mongodb';
import type { StoredRecord } from './worm-collection.ts';

/** Where records are read from. */
export interface WormPlace {
  readonly collection: Collection<StoredRecord>;
  readonly stream: string;
  readonly maxBytes: number;
  /** What each command is given, within a transaction or not. */
  readonly options: { readonly signal?: AbortSignal; readonly maxTimeMS?: number; readonly session?: ClientSession };
}

/** A batch has at most so many records, and no more bytes than one answer of the server: readers need constant memory. */
const BATCH_RECORDS = 200;

/** The next records from `from` to `to` (both inclusive), ascending, and where to go on. */
export async function readBatch(
  place: WormPlace,
  from: number,
  to: number,
): Promise<{ readonly records: readonly WormRecord[]; readonly next: number }> {
  const { collection, stream, options } = place;
  const found = await collection
    .find(
      { stream, sequence: { $gte: from, $lte: to } },
      // The server ends the only answer at 16 MiB, but not before the first record.
      { ...options, sort: { sequence: 1 }, limit: BATCH_RECORDS, batchSize: BATCH_RECORDS, singleBatch: true },
    )
    .toArray();
  const last = found.at(-1)?.sequence ?? to;
  if (last < from) {
    throw new StorageError('CORRUPTED', `Stream "${stream}" is not in order at ${last}; restore it from a copy.`);
  }
  // No writer gives a record a place between two others: such a one is no record of the stream.
  const whole = found.filter(({ sequence }) => Number.isSafeInteger(sequence));
  return { records: whole.map((one) => toRecord(place, one)), next: Math.floor(last) + 1 };
}

/** Reads one record; `undefined` when there is none. */
export async function readOne(place: WormPlace, sequence: number): Promise<WormRecord | undefined> {
  const { collection, stream, options } = place;
  const found = await collection.findOne({ stream, sequence }, options);
  return found === null ? undefined : toRecord(place, found);
}

/** Says whether there is a record, whatever is in it. */
export async function readExists({ collection, stream, options }: WormPlace, sequence: number): Promise<boolean> {
  return (await collection.findOne({ stream, sequence }, { ...options, projection: { _id: 1 } })) !== null;
}

/** The highest sequence of the stream; `undefined` when there is none. `CORRUPTED` when it is none that a writer can give. */
export async function readHeight(place: WormPlace): Promise<number | undefined> {
  const height = await readHighest(place, {});
  if (height !== undefined && !Number.isSafeInteger(height)) {
    const advice = 'remove it, or restore the collection from a copy';
    throw new StorageError(
      'CORRUPTED',
      `Stream "${place.stream}" ends in a record at a place that no writer gives: ${advice}.`,
    );
  }
  return height;
}

/** The highest sequence up to `atMost`; `undefined` when there is none. */
export async function readHeightBelow(place: WormPlace, atMost: number): Promise<number | undefined> {
  return readHighest(place, { $lte: atMost });
}

async function readHighest(
  { collection, stream, options }: WormPlace,
  bound: { readonly $lte?: number },
): Promise<number | undefined> {
  const found = await collection.findOne(
    { stream, sequence: { $gte: 0, ...bound } },
    { ...options, sort: { sequence: -1 }, projection: { sequence: 1 } },
  );
  return found?.sequence;
}

/** How many records the stream has, with those at fractions, so that they show. */
export async function readCount({ collection, stream, options }: WormPlace): Promise<number> {
  const stages = [{ $match: { stream, sequence: { $gte: 0 } } }, { $count: 'count' }];
  const [answer] = await collection.aggregate(stages, { ...options, readConcern: { level: 'snapshot' } }).toArray();
  return Number(answer?.['count'] ?? 0);
}

/** The names of all streams; the server leaps from one to the next in the index. */
export async function readStreams({
  collection,
  options,
}: Pick<WormPlace, 'collection' | 'options'>): Promise<string[]> {
  const stages = [{ $sort: { stream: 1, sequence: 1 } }, { $group: { _id: '$stream' } }];
  const found = await collection.aggregate(stages, { ...options, readConcern: { level: 'snapshot' } }).toArray();
  return found.map(({ _id }): unknown => _id).filter((name) => typeof name === 'string');
}

/** A record, whatever someone has made of it. */
function toRecord({ stream, maxBytes }: WormPlace, found: object): WormRecord {
  const members: ReadonlyMap<string, unknown> = new Map(Object.entries(found));
  const [sequence, bytes, sha256, sealedAt] = ['sequence', 'bytes', 'sha256', 'sealedAt'].map((name) =>
    members.get(name),
  );
  const isOfKind = bytes instanceof Binary && typeof sha256 === 'string' && Number.isSafeInteger(sealedAt);
  if (!isOfKind) {
    const place = `record ${String(sequence)} of stream "${stream}"`;
    throw new StorageError('CORRUPTED', `A member of ${place} is no value of its kind; restore it from a copy.`);
  }
  const record = {
    stream,
    sequence: Number(sequence),
    // A copy: the driver's bytes are a view of the whole answer.
    bytes: Uint8Array.from(bytes.value()),
    sha256,
    sealedAt: Number(sealedAt),
  };
  return checkRecordSize(record, maxBytes);
}
