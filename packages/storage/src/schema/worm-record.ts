import { createHash, hash } from 'node:crypto';

/** To copy so few bytes and hash them in one call takes less time than three calls. */
const COPIED_BYTES = 65_536;

/** One record of a write-once stream, as it is stored: raw, and not to be trusted before its seal was checked. */
export interface WormRecord {
  readonly stream: string;
  /** 0-based position in the stream. */
  readonly sequence: number;
  /** The exact bytes of the document: the UTF-8 text that was written, unless someone damaged it. */
  readonly bytes: Uint8Array;
  /** The seal that was stored with the bytes, 64 lower-case hex digits; see {@link wormSeal}. */
  readonly sha256: string;
  /** When the record was written, milliseconds since 1970-01-01T00:00:00Z. */
  readonly sealedAt: number;
}

/**
 * The seal of a record: SHA-256 (lower-case hex) over
 * `"sorcha/worm/v1\n" + stream + "\n" + sequence + "\n" + sealedAt + "\n"` and the bytes of the document.
 *
 * It covers every stored field, so a record that was moved to another place or time does not match. It shows damage, not
 * malice: who can write records can write seals.
 */
export function wormSeal({ stream, sequence, sealedAt, bytes }: Omit<WormRecord, 'sha256'>): string {
  const place = Buffer.from(`sorcha/worm/v1\n${stream}\n${sequence}\n${sealedAt}\n`);
  return bytes.length <= COPIED_BYTES
    ? hash('sha256', Buffer.concat([place, bytes]), 'hex')
    : createHash('sha256').update(place).update(bytes).digest('hex');
}

/** Says whether a record is what was written, by its seal. */
export function isWormRecordIntact(record: WormRecord): boolean {
  return record.sha256 === wormSeal(record);
}
