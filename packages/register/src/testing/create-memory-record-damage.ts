import { StorageError, type WormRecord, wormSeal } from '@sorcha/storage';
import type { MemoryWormRecords } from '@sorcha/storage/memory';
import type { RecordDamage } from './apply-damage.ts';

/** Damages the records of a memory store, under valid storage seals. */
export function createMemoryRecordDamage(records: MemoryWormRecords): RecordDamage {
  const put = (stream: string, sequence: number, bytes: Uint8Array, sealedAt: number) => {
    const record = { stream, sequence, bytes, sealedAt };
    const stored = records.get(stream) ?? new Map<number, WormRecord>();
    records.set(stream, stored.set(sequence, { ...record, sha256: wormSeal(record) }));
  };
  return {
    replace: async (stream, sequence, bytes) => {
      const { sealedAt } = records.get(stream)?.get(sequence) ?? notFound(sequence);
      put(stream, sequence, bytes, sealedAt);
    },
    remove: async (stream, sequence) => {
      if (records.get(stream)?.delete(sequence) !== true) {
        notFound(sequence);
      }
    },
    insert: async (stream, sequence, bytes) => put(stream, sequence, bytes, Date.now()),
  };
}

function notFound(sequence: number): never {
  throw new StorageError('NOT_FOUND', `There is no record ${sequence} to damage.`);
}
