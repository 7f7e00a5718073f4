import type { CallOptions } from '@sorcha/storage';
import type { Refusal } from '../../transactions/transaction-scope.ts';
import type { Cells, PostgresConnection, StatementResult } from '../connection/postgres-connection.ts';
import { toStatement } from '../connection/postgres-database.ts';
import type { StatementCache, StatementInput } from '../statements/statement-cache.ts';

/** What the statements of a call are run with. */
export interface Session {
  /** The schema whose tables are meant. */
  readonly schema: string;
  /** Runs a statement that reads. */
  query(input: StatementInput): Promise<StatementResult>;
  /** Runs a statement that reads rows of a table, which come in the order of their columns. */
  select(input: StatementInput): Promise<readonly Cells[]>;
  /** Runs a statement that writes. */
  execute(input: StatementInput): Promise<StatementResult>;
  /** Reads rows in constant memory; only in a transaction, and one at a time. */
  stream(input: StatementInput): AsyncIterable<Cells>;
}

/** Runs the calls of a store, by themselves or in a transaction of its user's. */
export interface RunCalls {
  /** Runs one query; `whenAbsent` is the answer while there is no schema. */
  read<T>(query: (session: Session) => Promise<T>, whenAbsent: T, options: CallOptions | undefined): Promise<T>;
  /** Runs several queries that see one moment. */
  snapshot<T>(queries: (session: Session) => Promise<T>, whenAbsent: T, options: CallOptions | undefined): Promise<T>;
  /** Runs one statement that writes, and perhaps others that read after it. */
  write<T>(statement: (session: Session) => Promise<T>, refusal: Refusal, options: CallOptions | undefined): Promise<T>;
  /**
   * Runs several statements as a whole or not at all. In `one moment` they see what was committed when they began and what they
   * change is still so; otherwise each sees what is committed when it runs.
   */
  transact<T>(
    view: TransactionView,
    work: (session: Session) => Promise<T>,
    options: CallOptions | undefined,
  ): Promise<T>;
}

/** What the statements of a transaction see. */
export type TransactionView = 'one moment' | 'every moment';

/** How many rows come at a time. */
const STREAM_ROWS = 200;

/** What a session is made of. */
export interface SessionParts {
  readonly connection: PostgresConnection;
  readonly statements: StatementCache;
  readonly schema: string;
  readonly options: CallOptions | undefined;
  /** Says that no transaction is open, so that a statement that writes takes effect by itself. */
  readonly commitsItself: boolean;
}

/** Creates the session of one call. */
export function createSession({ connection, statements, schema, options, commitsItself }: SessionParts): Session {
  const signal = options?.signal;
  const reading = signal === undefined ? {} : { signal };
  const writing = commitsItself ? { ...reading, kind: 'write' as const } : reading;
  return {
    schema,
    query: async (input) => connection.run(statements.toStatement(input), reading),
    select: async (input) => {
      const { text, values } = statements.toStatement(input);
      return (await connection.run({ text, values, asCells: true }, reading)).cells;
    },
    execute: async (input) => connection.run(statements.toStatement(input), writing),
    stream: async function* (input) {
      const { text, values } = statements.toStatement(input);
      await connection.run(
        { text: `declare sorcha_rows no scroll cursor for ${text}`, values, isPlain: true },
        reading,
      );
      try {
        for (;;) {
          const fetch = { ...toStatement(`fetch ${STREAM_ROWS} from sorcha_rows`), asCells: true };
          const { cells } = await connection.run(fetch, reading);
          yield* cells;
          if (cells.length < STREAM_ROWS) {
            return;
          }
        }
      } finally {
        // After an error the transaction is over, and the cursor with it.
        if (connection.isUsable()) {
          await connection.run(toStatement('close sorcha_rows')).catch(() => undefined);
        }
      }
    },
  };
}
