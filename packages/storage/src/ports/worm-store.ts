import type { Filter } from '../filter/filter.ts';
import type { WormRecord } from '../schema/worm-record.ts';
import type { CallOptions } from './call-options.ts';
import type { StoreHealth } from './store-health.ts';

/** Who keeps records from being changed: the database itself, or only this process. */
export type WormEnforcement = 'database' | 'process';

/** The health of a write-once store. */
export interface WormHealth extends StoreHealth {
  /** Found out by trying to change a canary record, not by reading settings. */
  readonly enforcement: WormEnforcement;
}

/** What {@link WormStore.verifyIntegrity} found. */
export interface WormIntegrity {
  /** How many records were read. */
  readonly checked: number;
  /** Sequences, ascending, whose record does not match its seal or cannot be read. */
  readonly damaged: readonly number[];
  /** Sequences, ascending, that are absent below the height of the stream (within the asked bounds). */
  readonly missing: readonly number[];
}

/** The bounds of sequences, both inclusive; default: the whole stream. */
export interface SequenceBounds {
  readonly from?: number;
  readonly to?: number;
}

/** Options of {@link WormStore.find}. */
export interface FindRecordsOptions extends CallOptions {
  /** At most so many, a whole number from 1 on. Default: all that match. */
  readonly limit?: number;
}

/**
 * The cold tier: append-only streams of records that can be written once and never changed, declared with `defineWorm`.
 *
 * Streams are separate; the records of one are numbered 0, 1, 2, ... without gaps. Stream names are 1 to 128 characters of
 * `A-Z a-z 0-9 . _ : -`, starting with a letter or digit, and case counts (`INVALID`). There is no update and no delete,
 * and the database itself refuses both where it can (`health` says so). A document whose text is longer than `maxBytes` of its
 * definition is refused (`INVALID`); a longer record that is found is damage (`CORRUPTED`), which hides no other record. What is read is raw: bytes that someone may have
 * damaged; `openWormRecord` checks the seal and decodes. A write is durable when its promise resolves. All calls may run
 * concurrently. Every call can fail with `INVALID`, `UNAVAILABLE`, `TIMEOUT`, `CORRUPTED` or `CLOSED`; writes also with
 * `OUTCOME_UNKNOWN`.
 */
export interface WormStore<D> {
  /** The provider's name: `memory`, `sqlite`, ... */
  readonly provider: string;

  /**
   * Appends one document at exactly `sequence`, which must be one above the height of the stream (0 for an empty one);
   * otherwise `SEQUENCE_CONFLICT`. So of two concurrent writers one wins. Not repeatable; after `OUTCOME_UNKNOWN`, `get`
   * tells whether it was written.
   */
  append(stream: string, sequence: number, document: D, options?: CallOptions): Promise<WormRecord>;

  /** Appends all documents from `firstSequence` on, or none. Errors as `append`. An empty list does nothing. */
  appendBatch(
    stream: string,
    firstSequence: number,
    documents: readonly D[],
    options?: CallOptions,
  ): Promise<WormRecord[]>;

  /** Reads one record; `undefined` when there is none. */
  get(stream: string, sequence: number, options?: CallOptions): Promise<WormRecord | undefined>;

  /** The records from `from` to `to` (both inclusive), ascending, in constant memory. Absent ones are left out. */
  range(stream: string, from: number, to: number, options?: CallOptions): AsyncIterable<WormRecord>;

  /**
   * The records of a stream whose document matches, ascending. The seal of each candidate is checked: a damaged one ends
   * the search with `CORRUPTED`, because an answer that leaves it out would be a guess.
   */
  find(stream: string, filter: Filter<D>, options?: FindRecordsOptions): Promise<WormRecord[]>;

  /** The highest sequence of a stream; `undefined` when it is empty, so "empty" and "only record 0" differ. */
  height(stream: string, options?: CallOptions): Promise<number | undefined>;

  /** How many records a stream has. */
  count(stream: string, options?: CallOptions): Promise<number>;

  /** Says whether there is a record at that sequence. */
  exists(stream: string, sequence: number, options?: CallOptions): Promise<boolean>;

  /** The names of all streams that have a record, ascending by code point. */
  streams(options?: CallOptions): Promise<string[]>;

  /** Reads the records within the bounds and checks each seal, and that none is absent. */
  verifyIntegrity(stream: string, bounds?: SequenceBounds, options?: CallOptions): Promise<WormIntegrity>;

  /** Makes a real round trip and tries to change a canary record. Never throws. */
  health(options?: CallOptions): Promise<WormHealth>;

  /** Releases what the store holds. Later calls fail with `CLOSED`; closing again does nothing. */
  close(): Promise<void>;
}
