import type { CallOptions, WormDefinition, WormRecord, WormStore } from '@sorcha/storage';
import { checkIntegrity, checkSequence, checkStreamName, findRecords } from '@sorcha/storage/provider';

/** The queries of a database on one stream. A `P` says which it is, and what they run on. */
export interface WormQueries<P> {
  /** The highest sequence, or the highest up to `atMost`; `undefined` when there is none. */
  readonly readHeight: (place: P, atMost?: number) => Promise<number | undefined>;
  readonly readOne: (place: P, sequence: number) => Promise<WormRecord | undefined>;
  /** The next records from `from` to `to` (both inclusive), ascending: a batch, empty at the end. */
  readonly readBatch: (place: P, from: number, to: number) => Promise<WormRecord[]>;
  readonly readCount: (place: P) => Promise<number>;
}

type Reads = 'get' | 'range' | 'find' | 'height' | 'count' | 'exists' | 'verifyIntegrity';

/**
 * Creates the reads of one stream.
 *
 * @param use runs queries on a stream; `enter` checks what every call checks first.
 */
export function createWormReads<D, P>(
  definition: WormDefinition<D>,
  { readHeight, readOne, readBatch, readCount }: WormQueries<P>,
  database: {
    readonly enter: (call: CallOptions | undefined) => void;
    readonly use: <T>(stream: string, call: CallOptions | undefined, read: (place: P) => Promise<T>) => Promise<T>;
  },
): Pick<WormStore<D>, Reads> {
  const readStream = async <T>(stream: string, call: CallOptions | undefined, read: (place: P) => Promise<T>) => {
    database.enter(call);
    checkStreamName(stream);
    return database.use(stream, call, read);
  };
  const height: WormStore<D>['height'] = async (stream, call) =>
    readStream(stream, call, async (place) => readHeight(place));
  const get: WormStore<D>['get'] = async (stream, sequence, call) =>
    readStream(stream, call, async (place) => readOne(place, checkSequence(sequence)));
  const range: WormStore<D>['range'] = async function* (stream, from, to, call) {
    checkSequence(to, 'to');
    let next = checkSequence(from, 'from');
    const last = (await readStream(stream, call, async (place) => readHeight(place, to))) ?? -1;
    while (next <= last) {
      const batch = await readStream(stream, call, async (place) => readBatch(place, next, last));
      next = (batch.at(-1)?.sequence ?? last) + 1;
      yield* batch;
    }
  };
  return {
    get,
    range,
    height,
    find: async (stream, filter, find) => findRecords({ definition, stream, filter, height, range }, find),
    count: async (stream, call) => readStream(stream, call, async (place) => readCount(place)),
    exists: async (stream, sequence, call) => (await get(stream, sequence, call)) !== undefined,
    verifyIntegrity: async (stream, bounds, call) => checkIntegrity({ stream, height, range, get }, bounds, call),
  };
}
