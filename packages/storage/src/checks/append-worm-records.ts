import type { WormStore } from '../ports/worm-store.ts';
import { type WormRecord, wormSeal } from '../schema/worm-record.ts';
import { StorageError } from '../storage-error.ts';

/** Gives a record its seal. */
export function sealRecord(record: Omit<WormRecord, 'sha256'>): WormRecord {
  return { ...record, sha256: wormSeal(record) };
}

/** `SEQUENCE_CONFLICT` unless an append begins where the stream, whose height is given, continues. */
export function requireNextSequence(stream: string, firstSequence: number, height: number | undefined): void {
  const expected = (height ?? -1) + 1;
  if (firstSequence !== expected) {
    throw new StorageError(
      'SEQUENCE_CONFLICT',
      `Stream "${stream}" continues at ${expected}, not at ${firstSequence}; read its height again.`,
    );
  }
}

/** `WormStore.append` as a batch of one. */
export function toAppend<D>(appendBatch: WormStore<D>['appendBatch']): WormStore<D>['append'] {
  return async (stream, sequence, document, options) => {
    const [record] = await appendBatch(stream, sequence, [document], options);
    if (record === undefined) {
      throw new Error('a batch of one document gives one record');
    }
    return record;
  };
}
