import { StorageError, type StorageErrorCode } from '@sorcha/storage';
import { DatabaseError } from 'pg';

/** What an error of PostgreSQL means to a caller. Codes: https://www.postgresql.org/docs/current/errcodes-appendix.html */
interface Meaning {
  readonly code: StorageErrorCode;
  /** What is wrong and what to do; stands after the name of the database. */
  readonly advice: string;
}

const unavailable = (advice: string): Meaning => ({ code: 'UNAVAILABLE', advice });
const conflict: Meaning = {
  code: 'VERSION_CONFLICT',
  advice: 'took the call back, because a concurrent one got in its way; try again',
};
const ruledOut: Meaning = {
  code: 'INVALID',
  advice: 'refuses a value by a constraint or trigger that somebody added to its tables; see the message',
};
const corrupted = (advice: string): Meaning => ({ code: 'CORRUPTED', advice });

/** What the triggers of this package raise. */
export const IMMUTABLE_STATE = 'SRIMM';
export const SEQUENCE_STATE = 'SRSEQ';

/** By SQLSTATE. */
const meanings: ReadonlyMap<string, Meaning> = new Map([
  ['0A000', unavailable('had its tables changed meanwhile; try again')],
  ['23505', { code: 'ALREADY_EXISTS', advice: 'has that key or unique value already; use another' }],
  ['25006', unavailable('is read-only, as a standby is; use the primary server')],
  ['26000', unavailable('forgot a prepared statement, as poolers make it do; try again')],
  ['3D000', unavailable('does not exist; create it, or name another')],
  ['3F000', corrupted('lost a schema; restore it from a copy')],
  ['40001', conflict],
  ['40P01', conflict],
  ['42501', unavailable('refuses this user; grant it what the message names')],
  ['42703', corrupted('lost a column; restore it from a copy')],
  ['42P01', corrupted('lost a table; restore it from a copy')],
  ['55P03', unavailable('is locked by somebody else; try again')],
  ['57014', { code: 'TIMEOUT', advice: 'took the call back after its time was over, or at its signal' }],
  [IMMUTABLE_STATE, { code: 'IMMUTABLE', advice: 'refuses to change or remove a write-once record; append a new one' }],
  [SEQUENCE_STATE, { code: 'SEQUENCE_CONFLICT', advice: 'continues at another sequence; read the height again' }],
  ['XX001', corrupted('is damaged; restore it from a copy')],
  ['XX002', corrupted('has a damaged index; build it anew with REINDEX')],
]);

/** By the first two characters. */
const classMeanings: ReadonlyMap<string, Meaning> = new Map([
  ['08', unavailable('cannot be reached; check that the server runs and can be connected to')],
  ['22', { code: 'INVALID', advice: 'cannot keep a value; see the message' }],
  ['23', ruledOut],
  ['28', unavailable('refuses this user; check user, password and pg_hba.conf')],
  ['53', unavailable('is out of disk, memory or connections; free some, then try again')],
  ['54', { code: 'INVALID', advice: 'has a limit that this goes beyond; store or ask for less at once' }],
  ['57', unavailable('is shutting down or starting; try again')],
  ['58', unavailable('failed to read or write its files; check its disk')],
  ['P0', ruledOut],
]);

/** Whether a call may have written something when it failed without an answer. */
export type CallKind = 'read' | 'write';

/** The SQLSTATE of an error, or of the one that a `StorageError` was made for; `undefined` for other errors. */
export function readSqlState(error: unknown): string | undefined {
  const origin = error instanceof StorageError ? error.cause : error;
  return origin instanceof DatabaseError ? origin.code : undefined;
}

/** Says whether the server took the whole transaction back so that others could go on: it can be tried again. */
export function isConflict(error: unknown): boolean {
  const state = readSqlState(error);
  return state === '40001' || state === '40P01';
}

/** Says whether an error ended the connection, and not only a statement. */
export function isConnectionLoss(error: unknown): boolean {
  if (!(error instanceof DatabaseError)) {
    return !(error instanceof StorageError);
  }
  // The words of the severity may be translated, `code` never is.
  const state = error.code ?? '';
  return error.severity === 'FATAL' || error.severity === 'PANIC' || /^(?:57P0[1-5]|08)/u.test(state);
}

/**
 * The error that a caller gets for a statement that was sent; the original is its cause. When the connection was lost, a write may
 * have taken effect. Errors that the server does not explain are returned as they are: they are bugs.
 */
export function mapPostgresError(error: unknown, place: string, kind: CallKind): unknown {
  if (error instanceof StorageError) {
    return error;
  }
  if (isConnectionLoss(error)) {
    return kind === 'write' ? unknownOutcome(place, error) : toConnectError(error, place);
  }
  const state = error instanceof DatabaseError ? error.code : undefined;
  const meaning = state === undefined ? undefined : (meanings.get(state) ?? classMeanings.get(state.slice(0, 2)));
  if (meaning === undefined || !(error instanceof Error)) {
    return error;
  }
  const message = `The database ${place} ${meaning.advice} (PostgreSQL ${state}: ${error.message}).`;
  return new StorageError(meaning.code, message, { cause: error });
}

/** The error for a write whose answer was lost. */
export function unknownOutcome(place: string, cause: unknown): StorageError {
  const message = `It is unknown whether the write to ${place} took effect; read back before you try again`;
  return new StorageError('OUTCOME_UNKNOWN', `${message} (${describe(cause)}).`, { cause });
}

/** The error for a connection that could not be made, or was lost before anything could have been written. */
export function toConnectError(error: unknown, place: string): unknown {
  if (error instanceof DatabaseError) {
    const state = error.code ?? '';
    const { advice } = meanings.get(state) ?? classMeanings.get(state.slice(0, 2)) ?? unavailable('refused to connect');
    const message = `The database ${place} ${advice} (PostgreSQL ${state}: ${error.message}).`;
    return new StorageError('UNAVAILABLE', message, { cause: error });
  }
  const advice = 'cannot be reached, or the connection was lost; check host, port and server';
  return new StorageError('UNAVAILABLE', `The database ${place} ${advice} (${describe(error)}).`, { cause: error });
}

/** What an error says; those of a host with several addresses say nothing themselves. */
function describe(error: unknown): string {
  if (error instanceof AggregateError) {
    return error.errors.map(describe).join('; ');
  }
  return error instanceof Error ? error.message : String(error);
}
