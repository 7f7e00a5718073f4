import { mkdir, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { type CallOptions, StorageError, type WormDefinition, type WormRecord, type WormStore } from '@sorcha/storage';
import {
  checkIntegrity,
  checkList,
  checkRecordSize,
  checkSequence,
  checkSignal,
  checkStreamName,
  findRecords,
  requireNextSequence,
  sealRecord,
  toAppend,
} from '@sorcha/storage/provider';
import { listSegments, readSegment, unlessAbsent, writeSegment } from './segment-files.ts';

/** Options of {@link openFileWormStore}. */
export interface FileWormOptions<D> {
  /** A folder, created when it is absent, on a file system that tells upper from lower case. */
  readonly folder: string;
  readonly definition: WormDefinition<D>;
}

/**
 * Opens a write-once store that keeps each append as one file, `<folder>/<name>/<stream>/<first sequence>.segment.json`.
 *
 * Nothing but this code keeps files from being changed, so `health` reports the enforcement `process`; the seals show what was.
 */
export async function openFileWormStore<D>({ folder, definition }: FileWormOptions<D>): Promise<WormStore<D>> {
  const home = join(folder, definition.name);
  try {
    await mkdir(home, { recursive: true });
  } catch (cause) {
    throw new StorageError('UNAVAILABLE', `The folder "${home}" cannot be made.`, { cause });
  }
  const state = { isClosed: false };
  const enter = (stream: string, call: CallOptions | undefined) => {
    checkOpen(state, call);
    return join(home, checkStreamName(stream));
  };
  const reads = createReads(definition, enter);
  const appendBatch: WormStore<D>['appendBatch'] = async (stream, firstSequence, documents, call) => {
    const place = enter(stream, call);
    checkSequence(firstSequence, 'firstSequence');
    const sealedAt = Date.now();
    const sealed = checkList(documents, 'documents').map((document, index) => {
      const bytes = Buffer.from(definition.encode(document));
      return sealRecord({ stream, sequence: firstSequence + index, bytes, sealedAt });
    });
    if (sealed.length > 0) {
      requireNextSequence(stream, firstSequence, await reads.height(stream, call));
      checkOpen(state, call);
      await writeSegment(place, sealed, firstSequence);
    }
    return sealed;
  };
  return {
    provider: 'files',
    ...reads,
    appendBatch,
    append: toAppend(appendBatch),
    streams: async (call) => {
      checkOpen(state, call);
      const names = await readdir(home);
      const heights = await Promise.all(names.map(async (name) => reads.height(name, call)));
      return names.filter((_, index) => heights[index] !== undefined).sort();
    },
    health: async () => checkFolder(home, state.isClosed),
    close: async () => {
      state.isClosed = true;
    },
  };
}

function createReads<D>(
  definition: WormDefinition<D>,
  enter: (stream: string, call: CallOptions | undefined) => string,
): Pick<WormStore<D>, 'get' | 'range' | 'find' | 'height' | 'count' | 'exists' | 'verifyIntegrity'> {
  const range: WormStore<D>['range'] = async function* (stream, from, to, call) {
    checkSequence(from, 'from');
    checkSequence(to, 'to');
    const firsts = await listSegments(enter(stream, call));
    for (const [index, first] of firsts.entries()) {
      const next = firsts[index + 1] ?? Number.POSITIVE_INFINITY;
      for (const record of first <= to && next > from ? await readSegment(enter(stream, call), stream, first) : []) {
        checkSignal(call);
        if (record !== null && record.sequence >= from && record.sequence <= to) {
          yield checkRecordSize(record, definition.maxBytes);
        }
      }
    }
  };
  const height: WormStore<D>['height'] = async (stream, call) => {
    const place = enter(stream, call);
    for (const first of (await listSegments(place)).reverse()) {
      const last = (await readSegment(place, stream, first)).findLast((record) => record !== null);
      if (last !== undefined && last !== null) {
        return last.sequence;
      }
    }
    return undefined;
  };
  const find = async (stream: string, sequence: number, call: CallOptions | undefined) => {
    const place = enter(stream, call);
    const first = (await listSegments(place)).findLast((each) => each <= checkSequence(sequence));
    const segment: readonly (WormRecord | null)[] = first === undefined ? [] : await readSegment(place, stream, first);
    return segment[sequence - (first ?? 0)] ?? undefined;
  };
  const get: WormStore<D>['get'] = async (stream, sequence, call) => {
    checkSequence(sequence);
    const record = await find(stream, sequence, call);
    return record === undefined ? undefined : checkRecordSize(record, definition.maxBytes);
  };
  return {
    get,
    range,
    height,
    find: async (stream, filter, call) => findRecords({ definition, stream, filter, height, range }, call),
    count: async (stream, call) => {
      const place = enter(stream, call);
      let count = 0;
      for (const first of await listSegments(place)) {
        count += (await readSegment(place, stream, first)).filter((record) => record !== null).length;
      }
      return count;
    },
    exists: async (stream, sequence, call) => (await find(stream, checkSequence(sequence), call)) !== undefined,
    verifyIntegrity: async (stream, bounds, call) => checkIntegrity({ stream, height, range, get }, bounds, call),
  };
}

function checkOpen({ isClosed }: { readonly isClosed: boolean }, call: CallOptions | undefined): void {
  if (isClosed) {
    throw new StorageError('CLOSED', 'The write-once store is closed; open it again.');
  }
  checkSignal(call);
}

async function checkFolder(folder: string, isClosed: boolean): ReturnType<WormStore<never>['health']> {
  const started = performance.now();
  const isThere = !isClosed && (await readdir(folder).then(Boolean, (error: unknown) => unlessAbsent(error, false)));
  return {
    status: isThere ? 'pass' : 'fail',
    provider: 'files',
    detail: isThere
      ? `"${folder}" can be read; nothing but this code keeps its files from being changed.`
      : `"${folder}" is ${isClosed ? 'closed' : 'not there; restore it from a copy'}.`,
    latencyMs: performance.now() - started,
    enforcement: 'process',
  };
}
