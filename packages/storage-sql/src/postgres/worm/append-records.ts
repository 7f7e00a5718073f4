import { createHash } from 'node:crypto';
import { StorageError, type WormRecord } from '@sorcha/storage';
import { requireNextSequence } from '@sorcha/storage/provider';
import { sql } from 'kysely';
import { divideBatches } from '../../rows/divide-batches.ts';
import { readSqlState, SEQUENCE_STATE } from '../connection/map-postgres-error.ts';
import type { RunCalls, Session } from '../rows/session.ts';
import type { StatementInput } from '../statements/statement-cache.ts';
import { readHeight, type WormPlace } from './read-worm-records.ts';

/** How many records one statement appends, and about how many bytes. */
const APPEND_AT_ONCE = { count: 1_000, size: 8_388_608 };

/** What records are appended with. */
export interface AppendParts {
  readonly calls: RunCalls;
  readonly table: string;
  readonly maxBytes: number;
}

/**
 * Appends records of one stream that follow each other, all or none. One statement takes the lock of the stream, by which
 * writers of it come one after the other, and inserts; triggers and key refuse what does not continue the stream.
 */
export async function appendRecords(
  { calls, table, maxBytes }: AppendParts,
  stream: string,
  records: readonly WormRecord[],
  options: { readonly signal?: AbortSignal } | undefined,
): Promise<void> {
  const batches = divideBatches(records, APPEND_AT_ONCE, ({ bytes }) => bytes.length);
  const append = async (session: Session) => {
    for (const batch of batches) {
      const { count } = await session.execute(insertRecords(session.schema, table, stream, batch));
      if (count !== batch.length) {
        const advice = 'a foreign trigger or rule keeps records away; remove it';
        throw new StorageError(
          'UNAVAILABLE',
          `The database did not take all records of stream "${stream}": ${advice}.`,
        );
      }
    }
  };
  try {
    await (batches.length > 1
      ? calls.transact('every moment', append, options)
      : calls.write(append, 'possible', options));
  } catch (error) {
    const state = readSqlState(error);
    if (state !== SEQUENCE_STATE && state !== '23505') {
      throw error;
    }
    const heightOf = async (session: Session) => readHeight({ session, table, stream, maxBytes } satisfies WormPlace);
    requireNextSequence(stream, records[0]?.sequence ?? 0, await calls.read(heightOf, undefined, options));
    // Whoever was in the way is gone again.
    throw new StorageError(
      'SEQUENCE_CONFLICT',
      `Another writer appended to stream "${stream}"; read its height again.`,
      {
        cause: error,
      },
    );
  }
}

function insertRecords(schema: string, table: string, stream: string, records: readonly WormRecord[]): StatementInput {
  const [first] = records;
  return {
    schema,
    table,
    kind: 'append',
    values: [
      toLockKey(schema, table, stream),
      stream,
      first?.sequence,
      first?.sealedAt,
      records.map(({ bytes }) => bytes),
      records.map(({ sha256 }) => sha256),
    ],
    build: (builder) => {
      const [key, name, sequence, time, bytes, seals] = [0, 1, 2, 3, 4, 5].map((index) => builder.value(index));
      return sql`insert into ${sql.id(schema, table)} (stream, sequence, bytes, sha256, sealed_at)
        select ${name}::text, ${sequence}::bigint + r.place - 1, r.bytes, r.sha256, ${time}::bigint
        from (select pg_advisory_xact_lock(${key}::bigint)) as lock,
          unnest(${bytes}::bytea[], ${seals}::text[]) with ordinality as r (bytes, sha256, place)`;
    },
  };
}

/** A number that all writers of a stream agree on. Streams that share one wait for each other without need, nothing more. */
function toLockKey(schema: string, table: string, stream: string): bigint {
  return createHash('sha256').update(`sorcha worm ${schema} ${table} ${stream}`).digest().readBigInt64BE();
}
