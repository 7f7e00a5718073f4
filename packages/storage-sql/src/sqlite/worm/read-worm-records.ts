import { StorageError, type WormRecord } from '@sorcha/storage';
import { type Kysely, sql } from 'kysely';
import type { WormTables } from './worm-table.ts';

/** Where records are read from. */
export interface WormPlace {
  readonly db: Kysely<WormTables>;
  readonly table: string;
  readonly stream: string;
}

/** A batch has at most so many records, and ends with the one that reaches so many bytes: readers need constant memory. */
const BATCH_ROWS = 200;
const BATCH_BYTES = 1_048_576;

/** The next records from `from` to `to` (both inclusive), ascending: a batch, empty at the end. */
export async function readBatch(place: WormPlace, from: number, to: number): Promise<WormRecord[]> {
  const { db, table, stream } = place;
  const sizes = db
    .selectFrom(table)
    .select([
      'sequence',
      sql<number>`sum(octet_length(text)) over (order by sequence) - octet_length(text)`.as('bytes_before'),
    ])
    .where('stream', '=', stream)
    .where('sequence', '>=', from)
    .where('sequence', '<=', to)
    .orderBy('sequence')
    .limit(BATCH_ROWS);
  const last = db
    .selectFrom(sizes.as('sizes'))
    .select(({ fn }) => fn.max<number>('sequence').as('last'))
    .where(sql<boolean>`bytes_before < ${BATCH_BYTES}`);
  const rows = await selectStored(place).where('sequence', '>=', from).where('sequence', '<=', last).execute();
  return rows.map((row) => toRecord(stream, row));
}

/** Reads one record; `undefined` when there is none. */
export async function readOne(place: WormPlace, sequence: number): Promise<WormRecord | undefined> {
  const row = await selectStored(place).where('sequence', '=', sequence).executeTakeFirst();
  return row === undefined ? undefined : toRecord(place.stream, row);
}

/** The highest sequence of the stream, or the highest up to `atMost`; `undefined` when there is none. */
export async function readHeight(place: WormPlace, atMost?: number): Promise<number | undefined> {
  const inStream = place.db
    .selectFrom(place.table)
    .select(({ fn }) => fn.max<number | null>('sequence').as('height'))
    .where('stream', '=', place.stream)
    .where('sequence', '>=', 0);
  const row = await (atMost === undefined ? inStream : inStream.where('sequence', '<=', atMost)).executeTakeFirst();
  return row?.height ?? undefined;
}

/** How many records the stream has. */
export async function readCount(place: WormPlace): Promise<number> {
  const row = await place.db
    .selectFrom(place.table)
    .select(({ fn }) => fn.countAll<number>().as('count'))
    .where('stream', '=', place.stream)
    .where('sequence', '>=', 0)
    .executeTakeFirst();
  return row?.count ?? 0;
}

/** The names of all streams by code point. Leaps from one to the next in the key, whatever the number of records. */
export async function readStreams(db: Kysely<WormTables>, table: string): Promise<string[]> {
  const name = sql.table(table);
  const { rows } = await sql<{ stream: string }>`
    with recursive found(stream) as (
      select min(stream) from ${name}
      union all
      select (select min(stream) from ${name} where stream > found.stream) from found where found.stream is not null
    )
    select stream from found where stream is not null`.execute(db);
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
function selectStored({ db, table, stream }: WormPlace) {
  return db
    .selectFrom(table)
    .select([
      'sequence',
      sql<Uint8Array | null>`cast(text as blob)`.as('bytes'),
      sql<string | null>`cast(sha256 as text)`.as('seal'),
      sql<string | null>`cast(sealed_at as text)`.as('time'),
    ])
    .where('stream', '=', stream)
    .orderBy('sequence');
}

function toRecord(stream: string, { sequence, bytes, seal, time }: StoredRow): WormRecord {
  const sealedAt = Number(time ?? Number.NaN);
  if (bytes === null || seal === null || !Number.isSafeInteger(sealedAt)) {
    const place = `record ${sequence} of stream "${stream}"`;
    throw new StorageError('CORRUPTED', `A column of ${place} is no value of its kind; restore it from a copy.`);
  }
  return { stream, sequence, bytes, sha256: seal, sealedAt };
}
