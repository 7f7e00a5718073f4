import type { WormRecord } from '../schema/worm-record.ts';
import { StorageError } from '../storage-error.ts';

/** Passes a record on whose bytes are no more than its definition allows. `CORRUPTED` otherwise: nobody can have appended it. */
export function checkRecordSize(record: WormRecord, maxBytes: number): WormRecord {
  const { stream, sequence, bytes } = record;
  if (bytes.length > maxBytes) {
    const advice = `at most ${maxBytes} can have been written; restore it from a copy`;
    throw new StorageError(
      'CORRUPTED',
      `Record ${sequence} of stream "${stream}" has ${bytes.length} bytes: ${advice}.`,
    );
  }
  return record;
}
