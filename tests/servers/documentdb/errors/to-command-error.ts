import { BSON } from 'mongodb';
import { DatabaseError } from 'pg';
import { EngineTimeoutError } from '../engine/engine-connection.ts';
import { CommandError } from './command-error.ts';
import { toMongoCode } from './engine-error-code.ts';
import { ERROR } from './error-names.ts';

/** SQLSTATEs of PostgreSQL itself. */
export const SQL_STATE = {
  uniqueViolation: '23505',
  exclusionViolation: '23P01',
  serializationFailure: '40001',
  deadlock: '40P01',
  lockNotAvailable: '55P03',
  sessionMovedOn: 'SB225',
} as const;

const DUPLICATES: ReadonlySet<string> = new Set([SQL_STATE.uniqueViolation, SQL_STATE.exclusionViolation]);
const CONFLICTS: ReadonlySet<string> = new Set([SQL_STATE.serializationFailure, SQL_STATE.deadlock]);

const CODES: ReadonlyMap<string, number> = new Map([
  ['0A000', ERROR.commandNotSupported],
  ['22P02', ERROR.badValue],
  ['22023', ERROR.badValue],
  ['42501', ERROR.unauthorized],
  ['42P01', ERROR.namespaceNotFound],
  ['53100', ERROR.outOfDiskSpace],
  ['54000', ERROR.objectTooLarge],
  ['57014', ERROR.interrupted],
  [SQL_STATE.sessionMovedOn, ERROR.transactionTooOld],
]);

/** In MongoDB's words. */
export const CONFLICT_MESSAGE =
  'WriteConflict error: this operation conflicted with another operation. Please retry your operation or transaction.';

/** The code of MongoDB for a SQLSTATE that the engine raised. */
export function toErrorCode(sqlState: string, isInTransaction: boolean): number {
  if (DUPLICATES.has(sqlState)) {
    return ERROR.duplicateKey;
  }
  if (CONFLICTS.has(sqlState)) {
    return ERROR.writeConflict;
  }
  if (sqlState === SQL_STATE.lockNotAvailable) {
    return isInTransaction ? ERROR.writeConflict : ERROR.lockTimeout;
  }
  return (
    toMongoCode(sqlState) ?? CODES.get(sqlState) ?? (isShutdown(sqlState) ? ERROR.shutdownInProgress : ERROR.internal)
  );
}

/** Turns whatever a command threw into the error that its client is told. */
export function toCommandError(error: unknown, isInTransaction = false): CommandError {
  if (error instanceof CommandError) {
    return error;
  }
  if (error instanceof EngineTimeoutError) {
    return new CommandError(ERROR.maxTimeExpired, error.message, { cause: error });
  }
  if (error instanceof DatabaseError) {
    const code = toErrorCode(error.code ?? '', isInTransaction);
    return new CommandError(code, code === ERROR.writeConflict ? CONFLICT_MESSAGE : error.message, { cause: error });
  }
  if (BSON.BSONError.isBSONError(error)) {
    return new CommandError(ERROR.invalidBson, error.message, { cause: error });
  }
  const message = error instanceof Error ? error.message : String(error);
  return isLostConnection(error)
    ? new CommandError(ERROR.shutdownInProgress, `The engine does not answer: ${message}`, { cause: error })
    : new CommandError(ERROR.internal, message, { cause: error });
}

/** The errors of `pg` for a connection that has ended have no code. */
function isLostConnection(error: unknown): boolean {
  return (
    error instanceof Error &&
    ('errno' in error || /^(Connection terminated|Client has encountered)/.test(error.message))
  );
}

function isShutdown(sqlState: string): boolean {
  return sqlState.startsWith('08') || sqlState.startsWith('57P') || sqlState === '';
}
