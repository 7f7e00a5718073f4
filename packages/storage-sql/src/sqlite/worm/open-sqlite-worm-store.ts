import {
  type Clock,
  StorageError,
  systemClock,
  type WormDefinition,
  type WormRecord,
  type WormStore,
} from '@sorcha/storage';
import {
  checkList,
  checkSequence,
  checkStreamName,
  requireNextSequence,
  requireOption,
  sealRecord,
  toAppend,
} from '@sorcha/storage/provider';
import { createWormReads, type WormQueries } from '../../worm/create-worm-reads.ts';
import { isConstraintRefusal } from '../map-sqlite-error.ts';
import { type DatabaseOptions, openDatabase, type SqliteDatabase } from '../open-database.ts';
import {
  readBatch,
  readCount,
  readHeight,
  readHeightBelow,
  readOne,
  readStreams,
  type WormPlace,
} from './read-worm-records.ts';
import { checkWormHealth } from './worm-health.ts';
import { describeWormTable, prepareWormTable, type WormRow, type WormTable, type WormTables } from './worm-table.ts';

/** Options of {@link openSqliteWormStore}. */
export interface SqliteWormOptions<D> extends DatabaseOptions {
  readonly definition: WormDefinition<D>;
  /** Gives the time that records are sealed with. Default: the machine's clock. */
  readonly clock?: Clock;
}

/** How many rows one statement inserts; SQLite binds at most 32,766 values. */
const INSERT_ROWS = 100;

const utf8 = new TextEncoder();

const wormQueries: WormQueries<WormPlace> = {
  readHeight: async (place, atMost) => (atMost === undefined ? readHeight(place) : readHeightBelow(place, atMost)),
  readOne,
  readBatch,
  readCount,
};

/**
 * Opens the write-once store of a definition in a SQLite file, which may hold other stores too; the file is created when it is
 * absent. Triggers in the file refuse every change of a record, whichever program tries it.
 *
 * @throws StorageError `INVALID`, `UNAVAILABLE`, `INCOMPATIBLE_SERVER` for a foreign file, a newer version or a table of another
 * shape, `CORRUPTED`.
 */
export async function openSqliteWormStore<D>(options: SqliteWormOptions<D>): Promise<WormStore<D>> {
  const { definition, clock = systemClock } = requireOption(options, 'definition');
  const database = await openDatabase<WormTables>(options);
  const table = describeWormTable(definition.name);
  try {
    await prepareWormTable(database, table);
  } catch (error) {
    await database.close();
    throw error;
  }

  const { maxBytes } = definition;
  const appendBatch = createAppendBatch({ database, table, definition }, clock);
  return {
    ...createWormReads<D, WormPlace>(definition, wormQueries, {
      enter: (call) => database.enter(call),
      use: async (stream, call, read) =>
        database.read(async (db) => read({ db, table: table.name, stream, maxBytes }), call),
    }),
    provider: 'sqlite',
    streams: async (call) => database.read(async (db) => readStreams(db, table.name), call),
    appendBatch,
    append: toAppend(appendBatch),
    health: async (call) => checkWormHealth(database, table, call),
    close: async () => database.close(),
  };
}

/** What the calls of a store work with. */
interface StoreParts<D> {
  readonly database: SqliteDatabase<WormTables>;
  readonly table: WormTable;
  readonly definition: WormDefinition<D>;
}

function createAppendBatch<D>(parts: StoreParts<D>, clock: Clock): WormStore<D>['appendBatch'] {
  const { database, table, definition } = parts;
  return async (stream, firstSequence, documents, call) => {
    database.enter(call);
    checkStreamName(stream);
    checkSequence(firstSequence, 'firstSequence');
    const sealedAt = clock.now();
    const rows = checkList(documents, 'documents').map((document, index) => {
      const text = definition.encode(document);
      return {
        text,
        record: sealRecord({ stream, sequence: firstSequence + index, bytes: utf8.encode(text), sealedAt }),
      };
    });
    if (rows.length > 0) {
      await database.write(async (db) => {
        const place = { db, table: table.name, stream, maxBytes: definition.maxBytes };
        await requireNext(place, firstSequence);
        await insertRows(place, rows);
      }, call);
    }
    return rows.map(({ record }) => record);
  };
}

/** Says more than the trigger can, which guards the same against everyone. */
async function requireNext(place: WormPlace, firstSequence: number): Promise<void> {
  requireNextSequence(place.stream, firstSequence, await readHeight(place));
}

interface SealedText {
  readonly text: string;
  readonly record: WormRecord;
}

async function insertRows(place: WormPlace, rows: readonly SealedText[]): Promise<void> {
  for (let start = 0; start < rows.length; start += INSERT_ROWS) {
    const values = rows
      .slice(start, start + INSERT_ROWS)
      .map(({ text, record: { stream, sequence, sha256, sealedAt } }) => ({
        stream,
        sequence,
        text,
        sha256,
        sealed_at: sealedAt,
      }));
    const { numInsertedOrUpdatedRows } = await insert(place, values);
    if (Number(numInsertedOrUpdatedRows) !== values.length) {
      throw refusesAppends(place, 'of a foreign trigger');
    }
  }
}

/** Inserts rows that continue the stream, as far as its records at places of writers tell. */
async function insert(place: WormPlace, values: readonly WormRow[]) {
  try {
    return await place.db.insertInto(place.table).values(values).executeTakeFirstOrThrow();
  } catch (error) {
    if (isConstraintRefusal(error)) {
      throw refusesAppends(
        place,
        'of a record at a place that no writer gives, or of a foreign trigger or index',
        error,
      );
    }
    throw error;
  }
}

/** The error for a file in which somebody else changed what decides on appends. */
function refusesAppends({ stream }: WormPlace, reason: string, cause?: unknown): StorageError {
  const advice = 'restore the file from a copy, or copy its records to a new one';
  return new StorageError(
    'CORRUPTED',
    `The database refuses to continue stream "${stream}" because ${reason}: ${advice}.`,
    {
      cause,
    },
  );
}
