import { checkSignal } from '../checks/check-signal.ts';
import { checkSequence, checkStreamName } from '../checks/check-stream.ts';
import { checkIntegrity, findRecords } from '../checks/search-worm-records.ts';
import { type Clock, systemClock } from '../clock.ts';
import { compareStrings } from '../filter/compare-values.ts';
import type { CallOptions } from '../ports/call-options.ts';
import type { WormStore } from '../ports/worm-store.ts';
import type { WormDefinition } from '../schema/define-worm.ts';
import { type WormRecord, wormSeal } from '../schema/worm-record.ts';
import { StorageError } from '../storage-error.ts';

/** The records of a memory store: by stream, then by sequence. */
export type MemoryWormRecords = Map<string, Map<number, WormRecord>>;

/** Options of {@link createMemoryWormStore}. */
export interface MemoryWormOptions {
  readonly clock?: Clock;
  /** Holds the records. Hand one in to share it between stores, or to play damage in a test. Default: a new one. */
  readonly records?: MemoryWormRecords;
}

/**
 * Creates a write-once store in memory. Nothing is durable, and only this process keeps records from being changed; use it
 * for tests and throw-away data.
 */
export function createMemoryWormStore<D>(definition: WormDefinition<D>, options: MemoryWormOptions = {}): WormStore<D> {
  const { clock = systemClock, records = new Map() } = options;
  const core = { records, isClosed: false };

  /** What every call checks first; the records of the stream, empty when it has none. */
  const enter = (stream: string, call: CallOptions | undefined): ReadonlyMap<number, WormRecord> => {
    requireOpen(core.isClosed);
    checkSignal(call);
    return records.get(checkStreamName(stream)) ?? new Map<number, WormRecord>();
  };
  const height = async (stream: string, call?: CallOptions) => highest(enter(stream, call));
  const get = async (stream: string, sequence: number, call?: CallOptions) => {
    const record = enter(stream, call).get(checkSequence(sequence));
    return record === undefined ? undefined : copyRecord(record);
  };
  const range = async function* (stream: string, from: number, to: number, call?: CallOptions) {
    const last = Math.min(checkSequence(to, 'to'), highest(enter(stream, call)) ?? -1);
    for (let sequence = checkSequence(from, 'from'); sequence <= last; sequence += 1) {
      const record = enter(stream, call).get(sequence);
      if (record !== undefined) {
        yield copyRecord(record);
      }
    }
  };
  const appendBatch: WormStore<D>['appendBatch'] = async (stream, firstSequence, documents, call) => {
    enter(stream, call);
    checkSequence(firstSequence, 'firstSequence');
    const sealedAt = clock.now();
    const sealed = documents.map((document, index) =>
      seal({
        stream,
        sequence: firstSequence + index,
        bytes: Buffer.from(definition.encode(document)),
        sealedAt,
      }),
    );
    const expected = (highest(enter(stream, call)) ?? -1) + 1;
    if (sealed.length > 0 && firstSequence !== expected) {
      throw new StorageError(
        'SEQUENCE_CONFLICT',
        `Stream "${stream}" continues at ${expected}, not at ${firstSequence}; read its height again.`,
      );
    }
    const stored = records.get(stream) ?? new Map<number, WormRecord>();
    for (const record of sealed) {
      records.set(stream, stored.set(record.sequence, record));
    }
    return sealed.map(copyRecord);
  };

  return {
    provider: 'memory',
    append: async (stream, sequence, document, call) => {
      const [record] = await appendBatch(stream, sequence, [document], call);
      if (record === undefined) {
        throw new Error('a batch of one document gives one record');
      }
      return record;
    },
    appendBatch,
    get,
    range,
    height,
    find: async (stream, filter, find) => findRecords({ definition, stream, filter, height, range }, find),
    count: async (stream, call) => enter(stream, call).size,
    exists: async (stream, sequence, call) => enter(stream, call).has(checkSequence(sequence)),
    streams: async (call) => {
      requireOpen(core.isClosed);
      checkSignal(call);
      return [...records.keys()].sort(compareStrings);
    },
    verifyIntegrity: async (stream, bounds, call) => checkIntegrity({ stream, height, range, get }, bounds, call),
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

function requireOpen(isClosed: boolean): void {
  if (isClosed) {
    throw new StorageError('CLOSED', 'The write-once store is closed; open it again.');
  }
}

function seal(record: Omit<WormRecord, 'sha256'>): WormRecord {
  return { ...record, sha256: wormSeal(record) };
}

function copyRecord(record: WormRecord): WormRecord {
  return { ...record, bytes: Uint8Array.from(record.bytes) };
}

/** The highest sequence. Searched, not counted: a test may have removed records. */
function highest(stream: ReadonlyMap<number, WormRecord>): number | undefined {
  let found: number | undefined;
  for (const sequence of stream.keys()) {
    found = Math.max(found ?? 0, sequence);
  }
  return found;
}
