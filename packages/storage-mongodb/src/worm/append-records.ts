import { type Clock, StorageError, type WormDefinition, type WormRecord, type WormStore } from '@sorcha/storage';
import { checkList, checkSequence, checkStreamName, requireNextSequence, sealRecord } from '@sorcha/storage/provider';
import { Binary, type Collection } from 'mongodb';
import type { CallEnd } from '../connection/deadline.ts';
import type { MongoDatabase } from '../connection/mongo-database.ts';
import { readHeight, type WormPlace } from './read-worm-records.ts';
import { type StoredRecord, toPlaceId } from './worm-collection.ts';

/** What one record has besides its bytes, generously. */
const OVERHEAD_BYTES = 4_096;

/** MongoDB keeps documents of at most 16 MiB. */
export const MAX_RECORD_BYTES = 16 * 1024 * 1024 - OVERHEAD_BYTES;

const utf8 = new TextEncoder();

/** What the calls of a store work with. */
export interface StoreParts<D> {
  readonly database: MongoDatabase;
  readonly definition: WormDefinition<D>;
  readonly collection: Collection<StoredRecord>;
}

/** Creates `appendBatch` of a store. */
export function createAppendBatch<D>(parts: StoreParts<D>, clock: Clock): WormStore<D>['appendBatch'] {
  const { database, definition } = parts;
  return async (stream, firstSequence, documents, call) =>
    database.runCall(call, async (end) => {
      checkStreamName(stream);
      checkSequence(firstSequence, 'firstSequence');
      const sealedAt = clock.now();
      const records = checkList(documents, 'documents').map((document, index) =>
        sealRecord({ stream, sequence: firstSequence + index, bytes: toBytes(definition, document), sealedAt }),
      );
      await toSequenceConflict(stream, async () => addRecords(parts, records, end));
      return records;
    });
}

/** Adds records that follow each other, all or none. */
async function addRecords<D>(
  { database, definition, collection }: StoreParts<D>,
  records: readonly WormRecord[],
  end: CallEnd,
): Promise<void> {
  const [first, ...others] = records;
  if (first === undefined) {
    return;
  }
  const { stream, sequence } = first;
  const requireNext = async (options: WormPlace['options']) => {
    const height = await readHeight({ collection, stream, maxBytes: definition.maxBytes, options });
    requireNextSequence(stream, sequence, height);
  };
  if (others.length === 0) {
    // A stream never gets shorter: when it ends before this record, only another one at its place can be in the way.
    await database.read(requireNext, end);
    await database.write(async (options) => collection.insertOne(toStored(first), options), end);
    return;
  }
  await database.transact(async (options) => {
    await requireNext(options);
    await collection.insertMany(records.map(toStored), options);
  }, end);
}

function toBytes<D>(definition: WormDefinition<D>, document: D): Uint8Array {
  const bytes = utf8.encode(definition.encode(document));
  if (bytes.length > MAX_RECORD_BYTES) {
    const advice = `MongoDB keeps at most ${MAX_RECORD_BYTES} in one record`;
    throw new StorageError('INVALID', `A "${definition.name}" document has ${bytes.length} bytes; ${advice}.`);
  }
  return bytes;
}

function toStored({ bytes, ...record }: WormRecord): StoredRecord {
  return { _id: toPlaceId(record), ...record, bytes: new Binary(bytes) };
}

/** Somebody else's record at the same place is found by the unique index. */
async function toSequenceConflict(stream: string, append: () => Promise<void>): Promise<void> {
  try {
    await append();
  } catch (error) {
    if (error instanceof StorageError && error.code === 'ALREADY_EXISTS') {
      const message = `Somebody else has continued stream "${stream}" at the same time; read its height again.`;
      throw new StorageError('SEQUENCE_CONFLICT', message, { cause: error.cause });
    }
    throw error;
  }
}
