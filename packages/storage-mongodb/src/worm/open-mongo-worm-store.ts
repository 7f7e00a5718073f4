import {
  type CallOptions,
  type Clock,
  compareStrings,
  systemClock,
  type WormDefinition,
  type WormEnforcement,
  type WormStore,
} from '@sorcha/storage';
import {
  checkIntegrity,
  checkSequence,
  checkStreamName,
  findRecords,
  requireOption,
  toAppend,
} from '@sorcha/storage/provider';
import { connectMongoDatabase } from '../connection/mongo-database.ts';
import type { MongoOptions } from '../connection/mongo-options.ts';
import { proveServer } from '../connection/prove-server.ts';
import { measureHealth } from '../measure-health.ts';
import { createAppendBatch, type StoreParts } from './append-records.ts';
import {
  readBatch,
  readCount,
  readExists,
  readHeight,
  readHeightBelow,
  readOne,
  readStreams,
  type WormPlace,
} from './read-worm-records.ts';
import { prepareWormCollection, wormCollection } from './worm-collection.ts';
import { checkWormHealth, rehearseAppend } from './worm-health.ts';

/** Options of {@link openMongoWormStore}. */
export interface MongoWormOptions<D> extends MongoOptions {
  readonly definition: WormDefinition<D>;
  /** Gives the time that records are sealed with. Default: the machine's clock. */
  readonly clock?: Clock;
}

/**
 * Opens the write-once store of a definition in a MongoDB database (6 or later, a replica set or sharded cluster), which may hold
 * other stores too; the collection is created when it is absent and the user may. One record has at most 16 MiB, less 4 KiB.
 *
 * MongoDB itself refuses changes when the user has the role of `wormRoleDefinition` and no other; `health` says whether it does.
 *
 * @throws StorageError `INVALID`, `UNAVAILABLE`, `TIMEOUT`, `INCOMPATIBLE_SERVER` for a server without transactions, one that is too
 * old, or a collection that is absent or changed and that the user cannot put right.
 */
export async function openMongoWormStore<D>(options: MongoWormOptions<D>): Promise<WormStore<D>> {
  const { definition, clock = systemClock } = requireOption(options, 'definition');
  const database = await connectMongoDatabase(options);
  try {
    await proveServer(database);
    await prepareWormCollection(database, definition.name);
    await rehearseAppend(database, definition.name);
  } catch (error) {
    await database.close();
    throw error;
  }
  const parts = { database, definition, collection: wormCollection(database.db, definition.name) };
  const appendBatch = createAppendBatch(parts, clock);
  return {
    ...createReads(parts),
    provider: 'mongodb',
    appendBatch,
    append: toAppend(appendBatch),
    health: async (call) =>
      measureHealth<{ readonly enforcement: WormEnforcement }>(
        async () => database.runCall(call, async (end) => checkWormHealth(database, definition.name, end)),
        { enforcement: 'process' },
      ),
    close: async () => database.close(),
  };
}

type Reads = 'get' | 'range' | 'find' | 'height' | 'count' | 'exists' | 'streams' | 'verifyIntegrity';

function createReads<D>({ database, definition, collection }: StoreParts<D>): Pick<WormStore<D>, Reads> {
  const { maxBytes } = definition;
  /** Checks what every call checks first, and reads. */
  const readStream = async <T>(stream: string, call: CallOptions | undefined, read: (place: WormPlace) => Promise<T>) =>
    database.runCall(call, async (end) => {
      checkStreamName(stream);
      return database.read(async (options) => read({ collection, stream, maxBytes, options }), end);
    });
  const height: WormStore<D>['height'] = async (stream, call) => readStream(stream, call, readHeight);
  const get: WormStore<D>['get'] = async (stream, sequence, call) =>
    readStream(stream, call, async (place) => readOne(place, checkSequence(sequence)));
  const range: WormStore<D>['range'] = async function* (stream, from, to, call) {
    checkSequence(to, 'to');
    let next = checkSequence(from, 'from');
    const last = (await readStream(stream, call, async (place) => readHeightBelow(place, to))) ?? -1;
    while (next <= last) {
      const batch = await readStream(stream, call, async (place) => readBatch(place, next, last));
      next = batch.next;
      yield* batch.records;
    }
  };
  return {
    get,
    range,
    height,
    find: async (stream, filter, find) => findRecords({ definition, stream, filter, height, range }, find),
    count: async (stream, call) => readStream(stream, call, readCount),
    exists: async (stream, sequence, call) =>
      readStream(stream, call, async (place) => readExists(place, checkSequence(sequence))),
    streams: async (call) => {
      const names = await database.runCall(call, async (end) =>
        database.read(async (options) => readStreams({ collection, options }), end),
      );
      return names.sort(compareStrings);
    },
    verifyIntegrity: async (stream, bounds, call) => checkIntegrity({ stream, height, range, get }, bounds, call),
  };
}
