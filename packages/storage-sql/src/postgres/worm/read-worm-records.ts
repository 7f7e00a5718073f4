import { StorageError, type WormRecord } from '@sorcha/storage';
import { sql } from 'kysely';
import type { Row } from '../connection/postgres-connection.ts';
import type { Session } from '../rows/session.ts';
import type { StatementBuilder } from '../statements/statement-cache.ts';

/** Where records are read from. */
export interface WormPlace {
  readonly session: Session;
  readonly table: string;
  readonly stream: string;
  /** Nothing longer is handed on: it is damage. */
  readonly maxBytes: number;
}

/** A batch has at most so many records, and ends with the one that reaches so many bytes: readers need constant memory. */
const BATCH_ROWS = 200;
const BATCH_BYTES = 1_048_576;

/** A longer seal is damage. */
const SEAL_BYTES = 64;

/** The next records from `from` to `to` (both inclusive), ascending: a batch, empty at the end. */
export async function readBatch(place: WormPlace, from: number, to: number): Promise<WormRecord[]> {
  const { session, table, stream, maxBytes } = place;
  const { rows } = await session.query({
    schema: session.schema,
    table,
    kind: 'batch',
    values: [stream, from, to, maxBytes],
    build: (builder) => {
      const [name, first, last] = [0, 1, 2].map((index) => builder.value(index));
      // The server knows how long a value is without reading it.
      return sql`
        with sizes as (
          select sequence, octet_length(bytes)::bigint as size from ${sql.id(session.schema, table)}
          where stream = ${name} and sequence >= ${first} and sequence <= ${last} order by sequence limit ${sql.lit(BATCH_ROWS)}
        ), sums as (
          select sequence, sum(size) over (order by sequence) - size as before from sizes
        )
        ${selectStored(builder, session.schema, table)} where stream = ${name} and sequence >= ${first}
          and sequence <= (select max(sequence) from sums where before < ${sql.lit(BATCH_BYTES)}) order by sequence`;
    },
  });
  return rows.map((row) => toRecord(stream, row));
}

/** Reads one record; `undefined` when there is none. */
export async function readOne(
  { session, table, stream, maxBytes }: WormPlace,
  sequence: number,
): Promise<WormRecord | undefined> {
  const { rows } = await session.query({
    schema: session.schema,
    table,
    kind: 'one',
    values: [stream, sequence, undefined, maxBytes],
    build: (builder) =>
      sql`${selectStored(builder, session.schema, table)}
        where stream = ${builder.value(0)} and sequence = ${builder.value(1)}`,
  });
  return rows[0] === undefined ? undefined : toRecord(stream, rows[0]);
}

/** The highest sequence of the stream, or up to `atMost`; `undefined` when there is none. */
export async function readHeight({ session, table, stream }: WormPlace, atMost?: number): Promise<number | undefined> {
  const { rows } = await session.query({
    schema: session.schema,
    table,
    kind: `height ${String(atMost === undefined)}`,
    values: [stream, atMost],
    build: ({ db, value }) => {
      const inStream = db
        .withSchema(session.schema)
        .selectFrom(table)
        .select('sequence')
        .where('stream', '=', value(0))
        .where('sequence', '>=', sql.lit(0));
      const below = atMost === undefined ? inStream : inStream.where('sequence', '<=', value(1));
      return below.orderBy('sequence', 'desc').limit(sql.lit(1));
    },
  });
  return rows[0] === undefined ? undefined : Number(rows[0]['sequence']);
}

/** How many records the stream has. */
export async function readCount({ session, table, stream }: WormPlace): Promise<number> {
  const { rows } = await session.query({
    schema: session.schema,
    table,
    kind: 'count',
    values: [stream],
    build: ({ db, value }) =>
      db
        .withSchema(session.schema)
        .selectFrom(table)
        .select(({ fn }) => fn.countAll().as('count'))
        .where('stream', '=', value(0))
        .where('sequence', '>=', sql.lit(0)),
  });
  return Number(rows[0]?.['count'] ?? 0);
}

/** The names of all streams by code point. Leaps from one to the next in the key, whatever the number of records. */
export async function readStreams(session: Session, table: string): Promise<string[]> {
  const { rows } = await session.query({
    schema: session.schema,
    table,
    kind: 'streams',
    build: () => {
      const name = sql.id(session.schema, table);
      return sql`
        with recursive found (stream) as (
          select min(stream) from ${name}
          union
          select (select min(stream) from ${name} where stream > found.stream) from found where found.stream is not null
        )
        select stream from found where stream is not null`;
    },
  });
  return rows.map(({ stream }) => String(stream));
}

/** The fourth value is how many bytes a record may have. */
function selectStored({ value }: StatementBuilder, schema: string, table: string) {
  const isOfSize = sql`(octet_length(bytes) <= ${value(3)}::bigint and octet_length(sha256) <= ${sql.lit(SEAL_BYTES)})`;
  return sql`select sequence, case when ${isOfSize} then bytes end as bytes, case when ${isOfSize} then sha256 end as seal,
    sealed_at as time from ${sql.id(schema, table)}`;
}

function toRecord(stream: string, { sequence, bytes, seal, time }: Row): WormRecord {
  if (!(bytes instanceof Uint8Array) || typeof seal !== 'string' || typeof time !== 'number') {
    const place = `record ${String(sequence)} of stream "${stream}"`;
    throw new StorageError(
      'CORRUPTED',
      `A column of ${place} is too long to have been written; restore it from a copy.`,
    );
  }
  return { stream, sequence: Number(sequence), bytes, sha256: seal, sealedAt: time };
}
