import { type CallOptions, StorageError } from '@sorcha/storage';
import { checkSignal } from '@sorcha/storage/provider';
import type { QueryArrayResult, QueryResult } from 'pg';
import type { BackendCanceller } from './backend-canceller.ts';
import type { PoolMember } from './connect-member.ts';
import {
  type CallKind,
  isConnectionLoss,
  mapPostgresError,
  readSqlState,
  toConnectError,
  unknownOutcome,
} from './map-postgres-error.ts';

/** A row, by column. */
export type Row = Readonly<Record<string, unknown>>;

/** A row, in the order of its columns. */
export type Cells = readonly unknown[];

/** A statement and its values. */
export interface Statement {
  readonly text: string;
  readonly values: readonly unknown[];
  /** Says that the text is not worth preparing, or is several statements, which cannot be. */
  readonly isPlain?: boolean;
  /** Asks for the rows in the order of their columns, which costs less. */
  readonly asCells?: boolean;
}

/** What a statement did. */
export interface StatementResult {
  readonly rows: readonly Row[];
  /** The rows, when they were asked for so; `rows` is empty then. */
  readonly cells: readonly Cells[];
  /** How many rows were returned, written or removed. */
  readonly count: number;
  /** `SELECT`, `COMMIT`, ... */
  readonly command: string;
}

/** How a statement is run. */
export interface RunOptions extends CallOptions {
  /** `write` when it takes effect by itself: then a lost answer is `OUTCOME_UNKNOWN`. Default `read`. */
  readonly kind?: CallKind;
  /** How long to wait for the answer, when not as long as for others. */
  readonly answerTimeoutMs?: number;
}

/** A connection that belongs to one call, until it is released. */
export interface PostgresConnection {
  /** Runs one statement. Errors are those of the ports. */
  run(statement: Statement, options?: RunOptions): Promise<StatementResult>;
  /** Says whether statements can still be sent. */
  isUsable(): boolean;
  /** Says whether the connection broke, and not only was given up. */
  isLost(): boolean;
  /** Says whether a statement failed in the transaction that is open, so that nothing but going back is possible. */
  isFailed(): boolean;
  /** Has the connection end when it is released, because what ran on it may have left settings behind. */
  retire(): void;
  /** Gives the connection back, or ends it when it may hold something of this call. Calls after the first do nothing. */
  release(): void;
}

/** What a connection is made of. */
export interface ConnectionParts {
  readonly member: PoolMember;
  readonly place: string;
  readonly canceller: BackendCanceller;
  /** How long the server may take to answer at most, as it ends statements itself before. */
  readonly answerTimeoutMs: number;
  /** Takes the client back, and whether it can be used for other calls. */
  readonly onRelease: (isReusable: boolean) => void;
}

/** How long a write that was cancelled is given to say whether it still took effect. */
const CANCELLED_WRITE_MS = 2_000;

/** With these SQLSTATEs a statement that was prepared fails for ever: its tables were changed, or a pooler forgot it. */
const UNPREPARED_STATES: ReadonlySet<string> = new Set(['0A000', '26000']);

/** Hands out a connected client for one call. */
export function createConnection(parts: ConnectionParts): PostgresConnection {
  const { place } = parts;
  const { client, prepared, isOpen } = parts.member;
  let isUsable = true;
  let isRetired = false;
  let isReleased = false;
  let isFailed = false;
  let isLost = false;
  const run = async (statement: Statement, options: RunOptions = {}): Promise<StatementResult> => {
    checkSignal(options);
    const { kind = 'read' } = options;
    if (isReleased) {
      throw new Error('a connection that was released belongs to others');
    }
    // Whoever was not even sent the statement cannot have carried it out.
    isLost ||= !isOpen();
    isUsable &&= !isLost;
    if (!isUsable) {
      throw new StorageError('UNAVAILABLE', `The connection to ${place} was lost or given up before; try again.`);
    }
    const { text, values, isPlain = false, asCells = false } = statement;
    const name = isPlain ? undefined : prepared.nameOf(text);
    // The driver changes neither the list nor what is in it.
    const query = { text, values: values.concat(), name, asCells };
    try {
      const result = await send(parts, query, options, () => {
        isUsable = false;
      });
      isFailed = false;
      return result;
    } catch (error) {
      // The driver tells of an error before the server says in what state it is then.
      isFailed = client.getTransactionStatus() !== 'I';
      isLost ||= isConnectionLoss(error);
      isUsable &&= !isLost;
      isRetired ||= UNPREPARED_STATES.has(readSqlState(error) ?? '');
      throw mapPostgresError(error, place, kind);
    }
  };
  return {
    run,
    isUsable: () => isUsable,
    isLost: () => isLost,
    isFailed: () => isFailed,
    retire: () => {
      isRetired = true;
    },
    release: () => {
      if (!isReleased) {
        isReleased = true;
        isRetired ||= !isUsable || !isOpen() || prepared.isWornOut();
        parts.onRelease(!isRetired && client.getTransactionStatus() === 'I');
      }
    },
  };
}

/** A statement as the driver takes it. */
interface Query {
  readonly text: string;
  readonly values: unknown[];
  readonly name: string | undefined;
  readonly asCells: boolean;
}

/**
 * Sends a statement and waits until the server answers, the signal fires or the time is over. `giveUp` is told when the
 * connection is left as it is.
 */
async function send(
  { member: { client, pid }, place, canceller, answerTimeoutMs }: ConnectionParts,
  { text, values, name, asCells }: Query,
  options: RunOptions,
  giveUp: () => void,
): Promise<StatementResult> {
  const { signal, kind = 'read' } = options;
  const { promise, resolve, reject } = Promise.withResolvers<StatementResult>();
  const query = name === undefined ? { text, values } : { text, values, name };
  if (asCells) {
    client.query({ ...query, rowMode: 'array' }, (error: Error | null, result: QueryArrayResult<unknown[]>) => {
      if (error === null) {
        resolve({ rows: [], cells: result.rows, count: result.rowCount ?? 0, command: result.command });
      } else {
        reject(error);
      }
    });
  } else {
    client.query(query, (error: Error | null, result: QueryResult<Record<string, unknown>>) => {
      if (error === null) {
        resolve({ rows: result.rows, cells: [], count: result.rowCount ?? 0, command: result.command });
      } else {
        reject(error);
      }
    });
  }
  const noAnswer = () => {
    giveUp();
    const cause = new Error('the server does not answer');
    reject(kind === 'write' ? unknownOutcome(place, cause) : toConnectError(cause, place));
  };
  let timer = setTimeout(noAnswer, options.answerTimeoutMs ?? answerTimeoutMs);
  const abort = () => {
    // What arrives late would hit the next statement, so the connection is not used again.
    giveUp();
    void canceller.cancel(pid);
    if (kind === 'write') {
      clearTimeout(timer);
      timer = setTimeout(noAnswer, CANCELLED_WRITE_MS);
    } else {
      reject(new StorageError('TIMEOUT', 'The signal of the call fired while it waited for the database.'));
    }
  };
  signal?.addEventListener('abort', abort, { once: true });
  try {
    return await promise;
  } finally {
    clearTimeout(timer);
    signal?.removeEventListener('abort', abort);
  }
}
