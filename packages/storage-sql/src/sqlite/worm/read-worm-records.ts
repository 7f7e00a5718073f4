import { StorageError, type WormRecord } from '@sorcha/storage';
import { type Kysely, sql } from 'kysely';
import type { WormTables } from './worm-table.ts';

/** Where records are read from. */
export interface WormPlace {
  readonly db: Kysely<WormTables>;
  readonly table: string;
  readonly stream: string;
  /** Nothing longer is handed on: it is damage. SQLite itself still walks it when it seeks what lies beside it. */
  readonly maxBytes: number;
}

/** A batch has at most so many records, and ends with the one that reaches so many bytes: readers need constant memory. */
const BATCH_ROWS = 200;
const BATCH_BYTES = 1_048_576;

/** A longer seal is damage. */
const SEAL_BYTES = 64;

/** No writer gives a record any other place, but whoever rewrites the schema can: it is then no record of the stream. */
const isWhole = sql<boolean>`typeof(sequence) = 'integer'`;

/** The next records from `from` to `to` (both inclusive), ascending: a batch, empty at the end. */
export async function readBatch(place: WormPlace, from: number, to: number): Promise<WormRecord[]> {
  const { db, table, stream } = place;
  // The lengths alone go through the sum: a text that is named in it would be copied, whatever its size.
  const sizes = db
    .selectFrom(table)
    .select(['sequence', sql<number>`coalesce(octet_length(text), 0)`.as('size')])
    .where('stream', '=', stream)
    .where('sequence', '>=', from)
    .where('sequence', '<=', to)
    .where(isWhole)
    .orderBy('sequence')
    .limit(BATCH_ROWS);
  const sums = db
    .selectFrom(sizes.as('sizes'))
    .select(['sequence', sql<number>`sum(size) over (order by sequence) - size`.as('bytes_before')]);
  const last = db
    .selectFrom(sums.as('sums'))
    .select(({ fn }) => fn.max<number>('sequence').as('last'))
    .where(sql<boolean>`bytes_before < ${BATCH_BYTES}`);
  const rows = await selectStored(place).where('sequence', '>=', from).where('sequence', '<=', last).execute();
  requireAscending(place, from, rows);
  return rows.map((row) => toRecord(stream, row));
}

/** Refuses rows that a damaged page, or an index that somebody else made, gives out of order: readers would go round in circles. */
function requireAscending({ stream }: WormPlace, from: number, rows: readonly StoredRow[]): void {
  let next = from;
  for (const { sequence } of rows) {
    if (sequence < next) {
      const advice = 'its pages are damaged; restore the file from a copy';
      throw new StorageError('CORRUPTED', `Stream "${stream}" is not in order at ${sequence}: ${advice}.`);
    }
    next = sequence + 1;
  }
}

/** Reads one record; `undefined` when there is none. */
export async function readOne(place: WormPlace, sequence: number): Promise<WormRecord | undefined> {
  const row = await selectStored(place).where('sequence', '=', sequence).executeTakeFirst();
  return row === undefined ? undefined : toRecord(place.stream, row);
}

/** The highest sequence of the stream; `undefined` when there is none. `CORRUPTED` when it is none that a writer can give. */
export async function readHeight({ db, table, stream }: WormPlace): Promise<number | undefined> {
  const row = await db
    .selectFrom(table)
    .select(sql<number | null>`case when ${isWhole} then sequence end`.as('height'))
    .where('stream', '=', stream)
    .where('sequence', '>=', 0)
    .orderBy('sequence', 'desc')
    .limit(1)
    .executeTakeFirst();
  if (row?.height === null) {
    const advice = 'remove it, or restore the file from a copy';
    throw new StorageError(
      'CORRUPTED',
      `Stream "${stream}" ends in a record at a place that no writer gives: ${advice}.`,
    );
  }
  return row?.height;
}

/** The highest sequence up to `atMost`; `undefined` when there is none. */
export async function readHeightBelow(place: WormPlace, atMost: number): Promise<number | undefined> {
  const row = await place.db
    .selectFrom(place.table)
    .select(({ fn }) => fn.max<number | null>('sequence').as('height'))
    .where('stream', '=', place.stream)
    .where('sequence', '>=', 0)
    .where('sequence', '<=', atMost)
    .where(isWhole)
    .executeTakeFirst();
  return row?.height ?? undefined;
}

/** How many records the stream has, with those at fractions and texts, so that they show. */
export async function readCount({ db, table, stream }: WormPlace): Promise<number> {
  const row = await db
    .selectFrom(table)
    .select(({ fn }) => fn.countAll<number>().as('count'))
    .where('stream', '=', stream)
    .where('sequence', '>=', 0)
    .executeTakeFirst();
  return row?.count ?? 0;
}

/**
 * The names of all streams by code point. Leaps from one to the next in the key, whatever the number of records; `union` ends
 * it also on damaged pages that lead back.
 */
export async function readStreams(db: Kysely<WormTables>, table: string): Promise<string[]> {
  const name = sql.table(table);
  const { rows } = await sql<{ stream: string }>`
    with recursive found(stream) as (
      select min(stream) from ${name}
      union
      select (select min(stream) from ${name} where stream > found.stream) from found where found.stream is not null
    )
    select stream from found where typeof(stream) = 'text'`.execute(db);
  return rows.map(({ stream }) => stream);
}

/** A row as it is read, whatever someone has made of it. */
interface StoredRow {
  readonly sequence: number;
  readonly bytes: Uint8Array | null;
  readonly seal: string | null;
  readonly time: string | null;
}

/** Everything is cast, so that no damaged value can be turned down or altered on its way to the check of the seal. */
function selectStored({ db, table, stream, maxBytes }: WormPlace) {
  // SQLite knows the lengths without reading the values, and what lies behind a long value is long to reach.
  const isOfSize = sql<boolean>`(octet_length(text) <= ${maxBytes} and octet_length(sha256) <= ${SEAL_BYTES})`;
  const isTime = sql<boolean>`typeof(sealed_at) = 'integer'`;
  return db
    .selectFrom(table)
    .select([
      'sequence',
      sql<Uint8Array | null>`case when ${isOfSize} then cast(text as blob) end`.as('bytes'),
      sql<string | null>`case when ${isOfSize} then cast(sha256 as text) end`.as('seal'),
      sql<string | null>`case when ${isOfSize} and ${isTime} then cast(sealed_at as text) end`.as('time'),
    ])
    .where('stream', '=', stream)
    .where(isWhole)
    .orderBy('sequence');
}

function toRecord(stream: string, { sequence, bytes, seal, time }: StoredRow): WormRecord {
  const sealedAt = Number(time ?? Number.NaN);
  if (bytes === null || seal === null || !Number.isSafeInteger(sealedAt)) {
    const place = `record ${sequence} of stream "${stream}"`;
    throw new StorageError(
      'CORRUPTED',
      `A column of ${place} is no value of its kind or too long; restore it from a copy.`,
    );
  }
  return { stream, sequence, bytes, sha256: seal, sealedAt };
}
