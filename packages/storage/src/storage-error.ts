/**
 * The closed set of reasons why a store refuses or fails a call, the same on every provider.
 *
 * - `ALREADY_EXISTS`: the key, or a value of a unique index, is taken.
 * - `NOT_FOUND`: the entity to change is not there.
 * - `VERSION_CONFLICT`: the entity was changed by someone else since it was read.
 * - `SEQUENCE_CONFLICT`: the write-once stream is not at the height that the append expects.
 * - `INVALID`: an argument, document, filter or definition is malformed; the message names its path.
 * - `UNAVAILABLE`: the store cannot be reached, is locked, read-only or out of space. Nothing was written.
 * - `TIMEOUT`: the deadline passed or the caller's signal fired before the call had an effect.
 * - `OUTCOME_UNKNOWN`: a write was sent and its acknowledgement was lost: read back before you retry.
 * - `IMMUTABLE`: a write-once record was to be changed or removed.
 * - `UNSUPPORTED`: the provider does not declare the capability that the call needs.
 * - `CLOSED`: the store was closed.
 * - `INCOMPATIBLE_SERVER`: the server or file is of another kind, version or schema than this code can use.
 * - `CORRUPTED`: the stored bytes cannot be read back as what was written.
 */
export type StorageErrorCode =
  | 'ALREADY_EXISTS'
  | 'NOT_FOUND'
  | 'VERSION_CONFLICT'
  | 'SEQUENCE_CONFLICT'
  | 'INVALID'
  | 'UNAVAILABLE'
  | 'TIMEOUT'
  | 'OUTCOME_UNKNOWN'
  | 'IMMUTABLE'
  | 'UNSUPPORTED'
  | 'CLOSED'
  | 'INCOMPATIBLE_SERVER'
  | 'CORRUPTED';

/** An error with a stable `code`; the message says what is wrong and what to do, `cause` keeps the driver's error. */
export class StorageError extends Error {
  override readonly name = 'StorageError';
  readonly code: StorageErrorCode;

  constructor(code: StorageErrorCode, message: string, options?: { readonly cause?: unknown }) {
    super(message, options);
    this.code = code;
  }
}
