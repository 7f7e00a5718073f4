import { type CallOptions, type Clock, systemClock, type WormDefinition, type WormStore } from '@sorcha/storage';
import {
  checkIntegrity,
  checkList,
  checkSequence,
  checkStreamName,
  findRecords,
  sealRecord,
  toAppend,
} from '@sorcha/storage/provider';
import { openPostgresDatabase, type PostgresDatabase } from '../connection/postgres-database.ts';
import type { PostgresOptions } from '../connection/postgres-options.ts';
import { createCalls } from '../rows/create-calls.ts';
import type { RunCalls } from '../rows/session.ts';
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

/**
 * Opens the write-once store of a definition in a PostgreSQL database, from version 14 on. Its table is in the schema that the
 * options name, which other stores may share; it is created when it is absent. Triggers refuse every change of a record.
 *
 * Who owns the table could remove them, so that `health` then reports enforcement by the `process` only. Have
 * `createPostgresWormTable` create it as another user, which grants the one named here only to read and append.
 *
 * @throws StorageError `INVALID`, `UNAVAILABLE`, `INCOMPATIBLE_SERVER` for an older server, another encoding or a table whose
 * columns or triggers somebody changed, `CORRUPTED` for a table that is lost.
 */
export async function openPostgresWormStore<D>(options: PostgresWormOptions<D>): Promise<WormStore<D>> {
  const { definition, clock = systemClock, ...databaseOptions } = options;
  const names = toWormNames(definition.name);
  const database = await openPostgresDatabase(databaseOptions);
  const { schema } = database;
  try {
    await prepareSchema(database, { schema, tables: [describeWormTable(definition.name)], migrations: undefined });
  } catch (error) {
    await database.close();
    throw error;
  }
  const calls = createCalls({
    database,
    statements: createStatementCache(),
    schema,
    prepare: () => true,
    gate: { enter: (call) => database.enter(call), fail: () => undefined, leave: () => undefined },
  });
  const parts = { database, calls, names, definition };
  const appendBatch = createAppendBatch(parts, clock);
  return {
    ...createReads(parts),
    provider: 'postgres',
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

type Reads = 'get' | 'range' | 'find' | 'height' | 'count' | 'exists' | 'streams' | 'verifyIntegrity';

function createReads<D>({ database, calls, names, definition }: StoreParts<D>): Pick<WormStore<D>, Reads> {
  const { table } = names;
  const { maxBytes } = definition;
  /** Checks what every call checks first, and reads. */
  const readStream = async <T>(
    stream: string,
    whenAbsent: T,
    call: CallOptions | undefined,
    read: (place: WormPlace) => Promise<T>,
  ) => {
    database.enter(call);
    checkStreamName(stream);
    return calls.read(async (session) => read({ session, table, stream, maxBytes }), whenAbsent, call);
  };
  const height: WormStore<D>['height'] = async (stream, call) =>
    readStream(stream, undefined, call, async (place) => readHeight(place));
  const get: WormStore<D>['get'] = async (stream, sequence, call) =>
    readStream(stream, undefined, call, async (place) => readOne(place, checkSequence(sequence)));
  const range: WormStore<D>['range'] = async function* (stream, from, to, call) {
    checkSequence(to, 'to');
    let next = checkSequence(from, 'from');
    const last = (await readStream(stream, undefined, call, async (place) => readHeight(place, to))) ?? -1;
    while (next <= last) {
      const batch = await readStream(stream, [], call, async (place) => readBatch(place, next, last));
      next = (batch.at(-1)?.sequence ?? last) + 1;
      yield* batch;
    }
  };
  return {
    get,
    range,
    height,
    find: async (stream, filter, find) => findRecords({ definition, stream, filter, height, range }, find),
    count: async (stream, call) => readStream(stream, 0, call, readCount),
    exists: async (stream, sequence, call) => (await get(stream, sequence, call)) !== undefined,
    streams: async (call) => calls.read(async (session) => readStreams(session, table), [], call),
    verifyIntegrity: async (stream, bounds, call) => checkIntegrity({ stream, height, range, get }, bounds, call),
  };
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
