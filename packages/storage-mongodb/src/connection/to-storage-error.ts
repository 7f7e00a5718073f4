import { StorageError, type StorageErrorCode } from '@sorcha/storage';
import {
  MongoCompatibilityError,
  MongoError,
  MongoErrorLabel,
  MongoInvalidArgumentError,
  MongoNetworkError,
  MongoServerError,
  MongoServerSelectionError,
  MongoWriteConcernError,
} from 'mongodb';
import { CallEnded } from './deadline.ts';
import type { PrimaryMark } from './watch-primary.ts';

/** What a call was about when it failed. */
export interface FailedCall {
  /** Names the database. */
  readonly place: string;
  /** What was known of the servers since it began, when it was a write that may have taken effect without an answer. */
  readonly write: PrimaryMark | undefined;
}

/** What an error of the server means. Codes: https://www.mongodb.com/docs/manual/reference/error-codes/ */
interface Meaning {
  readonly code: StorageErrorCode;
  /** What is wrong and what to do; stands after the name of the database. */
  readonly advice: string;
}

const unavailable = (advice: string): Meaning => ({ code: 'UNAVAILABLE', advice });
const incompatible = (advice: string): Meaning => ({ code: 'INCOMPATIBLE_SERVER', advice });
const tooLarge: Meaning = { code: 'INVALID', advice: 'cannot keep a value of that size; store less in one' };
const stopped = unavailable('is shutting down, or gave up being the primary; try again');

export const DUPLICATE_KEY = 11_000;
export const UNAUTHORIZED = 13;
const NAMESPACE_EXISTS = 48;
const WRITE_CONFLICT = 112;

const meanings: ReadonlyMap<number, Meaning> = new Map([
  [
    UNAUTHORIZED,
    unavailable('does not let this user do that; grant what the message names, or give a name and password'),
  ],
  [14, { code: 'CORRUPTED', advice: 'holds a value of a kind that no store writes; restore it from a copy' }],
  [15, { code: 'INVALID', advice: 'cannot keep a value that is nested so deep; raise maxBSONDepth or nest less' }],
  [18, unavailable('refuses this user; check username, password and authSource')],
  [20, incompatible('has no transactions; make the server a replica set, one member is enough (docs/decisions/0013)')],
  [50, { code: 'TIMEOUT', advice: 'took the call back after its time was over' }],
  [WRITE_CONFLICT, { code: 'TIMEOUT', advice: 'kept the call waiting for others until its time was over; try again' }],
  [121, { code: 'INVALID', advice: 'has a validator that refuses this document; see errInfo of the cause' }],
  [246, unavailable('has just changed its collections or indexes; try again')],
  [263, incompatible('has no transactions of this kind; use MongoDB 6 or later')],
  [10_334, tooLarge],
  [17_280, { code: 'INVALID', advice: 'cannot index a value of that size; store less at an indexed path' }],
  [17_419, tooLarge],
  [17_420, tooLarge],
  [DUPLICATE_KEY, { code: 'ALREADY_EXISTS', advice: 'has that key or unique value already; use another' }],
  [14_031, unavailable('has no disk space left; free some, then try again')],
  ...[91, 189, 10_107, 11_600, 11_602, 13_435, 13_436].map((code): [number, Meaning] => [code, stopped]),
]);

/** Refusals to begin with: the server did nothing, whatever the call was. */
const REFUSED_FROM_THE_START: ReadonlySet<number> = new Set([10_107, 13_435, 13_436]);

/** The code of a server's error; `undefined` for other errors. */
export function readServerCode(error: unknown): number | undefined {
  const origin = error instanceof StorageError ? error.cause : error;
  return origin instanceof MongoServerError && typeof origin.code === 'number' ? origin.code : undefined;
}

/** Says whether the server took a whole transaction back so that it can be tried again. */
export function isTransient(error: unknown): boolean {
  const isLabelled = error instanceof MongoError && error.hasErrorLabel(MongoErrorLabel.TransientTransactionError);
  return isLabelled || readServerCode(error) === WRITE_CONFLICT;
}

/** Says whether a collection was made by somebody else meanwhile. */
export function isAlreadyMade(error: unknown): boolean {
  return readServerCode(error) === NAMESPACE_EXISTS;
}

/**
 * The error that a caller gets for what the driver reported; the original is its cause. Errors that are not the driver's are
 * returned as they are: they are bugs or already say what is wrong.
 */
export function toStorageError(error: unknown, call: FailedCall): unknown {
  if (error instanceof CallEnded) {
    return call.write?.wasKnown() === true
      ? unknownOutcome(error, call)
      : new StorageError('TIMEOUT', `${error.message}; ${call.place} did not answer.`, { cause: error });
  }
  if (error instanceof RangeError || error instanceof MongoInvalidArgumentError) {
    // What the driver says of a document that does not fit into its buffer, or into one of the server's.
    return new StorageError('INVALID', `The database ${call.place} ${tooLarge.advice} (${error.message}).`, {
      cause: error,
    });
  }
  if (error instanceof Error && 'syscall' in error) {
    // Before it connects, the driver reads certificates and asks for the hosts of `mongodb+srv`.
    return toLoss(error, call);
  }
  if (!(error instanceof MongoError)) {
    return error;
  }
  if (error instanceof MongoWriteConcernError) {
    return unknownOutcome(error, call);
  }
  if (!(error instanceof MongoServerError)) {
    return toLoss(error, call);
  }
  // A batch that failed before an answer came is told like one that the server refused.
  const origin: unknown = error.errorResponse;
  return origin instanceof MongoError && !(origin instanceof MongoServerError)
    ? toLoss(origin, call)
    : toRefusal(error, call);
}

/** The error for what the server answered. */
function toRefusal(error: MongoServerError, call: FailedCall): StorageError {
  const code = readServerCode(error) ?? 0;
  const meaning = meanings.get(code) ?? unavailable('refused the call');
  if (call.write !== undefined && meaning === stopped && !REFUSED_FROM_THE_START.has(code)) {
    return unknownOutcome(error, call);
  }
  const message = `The database ${call.place} ${meaning.advice} (MongoDB ${code}: ${error.message}).`;
  return new StorageError(meaning.code, message, { cause: error });
}

/** The error for a server that could not be reached, or whose answer was lost. */
function toLoss(error: Error, call: FailedCall): StorageError {
  const isConnected = error instanceof MongoNetworkError && !isBeforeSending(error);
  if (call.write !== undefined && (isConnected || call.write.hasChanged())) {
    return unknownOutcome(error, call);
  }
  if (error instanceof MongoCompatibilityError || error.cause instanceof MongoCompatibilityError) {
    const message = `The server of ${call.place} is none for this driver, use MongoDB 6 or later (${error.message}).`;
    return new StorageError('INCOMPATIBLE_SERVER', message, { cause: error });
  }
  const advice =
    error instanceof MongoServerSelectionError || error instanceof MongoNetworkError || !(error instanceof MongoError)
      ? 'cannot be reached, or the connection was lost; check hosts, replicaSet and tls of the url, and the server'
      : 'did not take the call';
  return new StorageError('UNAVAILABLE', `The database ${call.place} ${advice} (${error.message}).`, { cause: error });
}

/** Says whether the connection could not be made to begin with, or was asked for in vain. */
function isBeforeSending(error: MongoError): boolean {
  return NOT_SENT.some((label) => error.hasErrorLabel(label));
}

/** What the driver labels errors with while it makes connections. */
const NOT_SENT = [
  MongoErrorLabel.SystemOverloadedError,
  MongoErrorLabel.PoolRequestedRetry,
  MongoErrorLabel.HandshakeError,
];

function unknownOutcome(cause: Error, { place }: FailedCall): StorageError {
  const message = `It is unknown whether the write to ${place} took effect; read back before you try again`;
  return new StorageError('OUTCOME_UNKNOWN', `${message} (${cause.message}).`, { cause });
}
