import { type CallOptions, type Clock, systemClock, type WormDefinition, type WormStore } from '@sorcha/storage';
import {
  checkList,
  checkSequence,
  checkStreamName,
  requireOption,
  sealRecord,
  toAppend,
} from '@sorcha/storage/provider';
import { createWormReads, type WormQueries } from '../../worm/create-worm-reads.ts';
import { openPostgresDatabase, type PostgresDatabase } from '../connection/postgres-database.ts';
import type { PostgresOptions } from '../connection/postgres-options.ts';
import { createCalls } from '../rows/create-calls.ts';
import { createSession, type RunCalls, type Session } from '../rows/session.ts';
import { prepareSchema } from '../schema/prepare-schema.ts';
import { createStatementCache } from '../statements/statement-cache.ts';
import { appendRecords } from './append-records.ts';
import { readBatch, readCount, readHeight, readOne, readStreams, type WormPlace } from './read-worm-records.ts';
import { checkWormHealth } from './worm-health.ts';
import { describeWormTable, toWormNames, type WormNames } from './worm-table.ts';

/** Options of {@link openPostgresWormStore}. */
export interface PostgresWormOptions<D> extends PostgresOptions {
  readonly definition: WormDefinition<D>;
  /** Gives the time that records are sealed with. Default: the machine's clock. */
  readonly clock?: Clock;
}

const utf8 = new TextEncoder();

const wormQueries: WormQueries<WormPlace> = { readHeight, readOne, readBatch, readCount };

/**
 * Opens the write-once store of a definition in a PostgreSQL database, from version 14 on. Its table is in the schema that the
 * options name, which other stores may share; it is created when it is absent. Triggers refuse every change of a record.
 *
 * Who owns the table, its schema or the database could remove them, so that `health` then reports enforcement by the `process` only. Have
 * `createPostgresWormTable` create it as another user, which grants the one named here only to read and append.
 *
 * @throws StorageError `INVALID`, `UNAVAILABLE`, `INCOMPATIBLE_SERVER` for an older server, another encoding or a table whose
 * columns or triggers somebody changed, `CORRUPTED` for a table that is lost.
 */
export async function openPostgresWormStore<D>(options: PostgresWormOptions<D>): Promise<WormStore<D>> {
  const { definition, clock = systemClock, ...databaseOptions } = requireOption(options, 'definition');
  const names = toWormNames(definition.name);
  const database = await openPostgresDatabase(databaseOptions);
  const { schema } = database;
  try {
    await prepareSchema(database, { schema, tables: [describeWormTable(definition.name)], migrations: undefined });
  } catch (error) {
    await database.close();
    throw error;
  }
  const statements = createStatementCache();
  const calls = createCalls({
    database,
    statements,
    schema,
    prepare: () => true,
    gate: { enter: (call) => database.enter(call), leave: () => undefined },
  });
  const { table } = names;
  const { maxBytes } = definition;
  const read = async <T>(query: (session: Session) => Promise<T>, call: CallOptions | undefined): Promise<T> =>
    database.use(
      async (connection) =>
        query(createSession({ connection, statements, schema, options: call, commitsItself: false })),
      call,
    );
  const appendBatch = createAppendBatch({ database, calls, names, definition }, clock);
  return {
    ...createWormReads<D, WormPlace>(definition, wormQueries, {
      enter: (call) => database.enter(call),
      use: async (stream, call, query) => read(async (session) => query({ session, table, stream, maxBytes }), call),
    }),
    provider: 'postgres',
    streams: async (call) => read(async (session) => readStreams(session, table), call),
    appendBatch,
    append: toAppend(appendBatch),
    health: async (call) => checkWormHealth(database, names, call),
    close: async () => database.close(),
  };
}

/** What the calls of a store work with. */
interface StoreParts<D> {
  readonly database: PostgresDatabase;
  readonly calls: RunCalls;
  readonly names: WormNames;
  readonly definition: WormDefinition<D>;
}

function createAppendBatch<D>(parts: StoreParts<D>, clock: Clock): WormStore<D>['appendBatch'] {
  const { database, calls, names, definition } = parts;
  const append = { calls, table: names.table, maxBytes: definition.maxBytes };
  return async (stream, firstSequence, documents, call) => {
    database.enter(call);
    checkStreamName(stream);
    checkSequence(firstSequence, 'firstSequence');
    const sealedAt = clock.now();
    const records = checkList(documents, 'documents').map((document, index) => {
      const bytes = utf8.encode(definition.encode(document));
      return sealRecord({ stream, sequence: firstSequence + index, bytes, sealedAt });
    });
    if (records.length > 0) {
      await appendRecords(append, stream, records, call);
    }
    return records;
  };
}
