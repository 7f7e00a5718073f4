import { requireNextSequence, sealRecord, toAppend } from '../checks/append-worm-records.ts';
import { checkList } from '../checks/check-list.ts';
import { requireOption } from '../checks/check-options.ts';
import { checkRecordSize } from '../checks/check-record-size.ts';
import { checkSignal } from '../checks/check-signal.ts';
import { checkSequence, checkStreamName } from '../checks/check-stream.ts';
import { checkIntegrity, findRecords } from '../checks/search-worm-records.ts';
import { type Clock, systemClock } from '../clock.ts';
import { compareStrings } from '../filter/compare-values.ts';
import type { CallOptions } from '../ports/call-options.ts';
import type { WormStore } from '../ports/worm-store.ts';
import type { WormDefinition } from '../schema/define-worm.ts';
import type { WormRecord } from '../schema/worm-record.ts';
import { StorageError } from '../storage-error.ts';
import { findHighest, MemoryWormStream } from './memory-worm-stream.ts';

/** The records of a memory store: by stream, then by sequence. */
export type MemoryWormRecords = Map<string, Map<number, WormRecord>>;

/** Options of {@link createMemoryWormStore}. */
export interface MemoryWormOptions<D> {
  readonly definition: WormDefinition<D>;
  /** Gives the time that records are sealed with. Default: the machine's clock. */
  readonly clock?: Clock;
  /** Holds the records. Hand one in to share it between stores, or to play damage in a test. Default: a new one. */
  readonly records?: MemoryWormRecords;
}

/**
 * Creates a write-once store in memory. Nothing is durable, and only this process keeps records from being changed; use it
 * for tests and throw-away data.
 *
 * @throws StorageError `INVALID` without a definition.
 */
export function createMemoryWormStore<D>(options: MemoryWormOptions<D>): WormStore<D> {
  const { definition, clock = systemClock } = requireOption(options, 'definition');
  const records: MemoryWormRecords = options.records ?? new Map<string, Map<number, WormRecord>>();
  const core: WormCore<D> = { definition, records, isClosed: false };
  const appendBatch = createAppendBatch(core, clock);
  return {
    ...createReads(core),
    provider: 'memory',
    appendBatch,
    append: toAppend(appendBatch),
    health: async () => ({
      status: core.isClosed ? 'fail' : 'pass',
      provider: 'memory',
      detail: core.isClosed
        ? 'The store is closed.'
        : 'Records are kept in this process only and end with it; nothing but this code keeps them from being changed.',
      latencyMs: 0,
      enforcement: 'process',
    }),
    close: async () => {
      core.isClosed = true;
    },
  };
}

/** What the calls of a store work with. */
interface WormCore<D> {
  readonly definition: WormDefinition<D>;
  readonly records: MemoryWormRecords;
  isClosed: boolean;
}

type Reads = 'get' | 'range' | 'find' | 'height' | 'count' | 'exists' | 'streams' | 'verifyIntegrity';

function createReads<D>(core: WormCore<D>): Pick<WormStore<D>, Reads> {
  const { definition, records } = core;
  const height: WormStore<D>['height'] = async (stream, call) => highest(enter(core, stream, call));
  const get: WormStore<D>['get'] = async (stream, sequence, call) => {
    const record = enter(core, stream, call).get(checkSequence(sequence));
    return record === undefined ? undefined : copyRecord(checkRecordSize(record, definition.maxBytes));
  };
  const range: WormStore<D>['range'] = async function* (stream, from, to, call) {
    const last = Math.min(checkSequence(to, 'to'), highest(enter(core, stream, call)) ?? -1);
    let next = checkSequence(from, 'from');
    while (next <= last) {
      const stored = enter(core, stream, call);
      const record = stored.get(next);
      if (record !== undefined) {
        yield copyRecord(checkRecordSize(record, definition.maxBytes));
      }
      next = record === undefined ? findLowest(stored, next + 1) : next + 1;
    }
  };
  return {
    get,
    range,
    height,
    find: async (stream, filter, find) => findRecords({ definition, stream, filter, height, range }, find),
    count: async (stream, call) => enter(core, stream, call).size,
    exists: async (stream, sequence, call) => enter(core, stream, call).has(checkSequence(sequence)),
    streams: async (call) => {
      checkUsable(core, call);
      const filled = [...records].filter(([, stream]) => stream.size > 0);
      return filled.map(([name]) => name).sort(compareStrings);
    },
    verifyIntegrity: async (stream, bounds, call) => checkIntegrity({ stream, height, range, get }, bounds, call),
  };
}

function createAppendBatch<D>(core: WormCore<D>, clock: Clock): WormStore<D>['appendBatch'] {
  const { definition, records } = core;
  return async (stream, firstSequence, documents, call) => {
    const height = highest(enter(core, stream, call));
    checkSequence(firstSequence, 'firstSequence');
    const sealedAt = clock.now();
    const sealed = checkList(documents, 'documents').map((document, index) =>
      sealRecord({
        stream,
        sequence: firstSequence + index,
        bytes: Buffer.from(definition.encode(document)),
        sealedAt,
      }),
    );
    if (sealed.length > 0) {
      requireNextSequence(stream, firstSequence, height);
    }
    const stored = records.get(stream) ?? new MemoryWormStream();
    for (const record of sealed) {
      records.set(stream, stored.set(record.sequence, record));
    }
    return sealed.map(copyRecord);
  };
}

/** What every call on a stream checks first; the records of the stream, empty when it has none. */
function enter<D>(core: WormCore<D>, stream: string, call: CallOptions | undefined): ReadonlyMap<number, WormRecord> {
  checkUsable(core, call);
  return core.records.get(checkStreamName(stream)) ?? new Map<number, WormRecord>();
}

function checkUsable<D>({ isClosed }: WormCore<D>, call: CallOptions | undefined): void {
  if (isClosed) {
    throw new StorageError('CLOSED', 'The write-once store is closed; open it again.');
  }
  checkSignal(call);
}

function copyRecord(record: WormRecord): WormRecord {
  return { ...record, bytes: Uint8Array.from(record.bytes) };
}

function highest(stream: ReadonlyMap<number, WormRecord>): number | undefined {
  return stream instanceof MemoryWormStream ? stream.highest : findHighest(stream);
}

/** The lowest sequence from `from` on, over a hole of any width; infinity when there is none. */
function findLowest(stream: ReadonlyMap<number, WormRecord>, from: number): number {
  let found = Number.POSITIVE_INFINITY;
  for (const sequence of stream.keys()) {
    found = sequence >= from ? Math.min(found, sequence) : found;
  }
  return found;
}
