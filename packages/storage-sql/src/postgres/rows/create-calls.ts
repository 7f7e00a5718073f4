import type { CallOptions } from '@sorcha/storage';
import { type CallGate, passGate } from '../../transactions/call-gate.ts';
import type { PostgresConnection } from '../connection/postgres-connection.ts';
import type { PostgresDatabase } from '../connection/postgres-database.ts';
import type { StatementCache } from '../statements/statement-cache.ts';
import { createSession, type RunCalls } from './session.ts';

/**
 * Makes sure that a schema is as it must be, and says whether it is there; to write, it always is afterwards. Others may be preparing
 * it for longer than a call has time: `TIMEOUT` when the signal fires.
 */
export type PrepareSchema = (purpose: 'read' | 'write', options: CallOptions | undefined) => boolean | Promise<boolean>;

/** What calls outside of a transaction are run with. */
export interface CallParts {
  readonly database: PostgresDatabase;
  readonly statements: StatementCache;
  readonly schema: string;
  readonly prepare: PrepareSchema;
  readonly gate: CallGate;
}

/** Creates what runs the calls of a store, each by itself. */
export function createCalls({ database, statements, schema, prepare, gate }: CallParts): RunCalls {
  const sessionOf = (connection: PostgresConnection, options: CallOptions | undefined, commitsItself: boolean) =>
    createSession({ connection, statements, schema, options, commitsItself });
  return {
    read: async (query, whenAbsent, options) =>
      passGate(gate, options, async () => {
        if (!(await prepare('read', options))) {
          return whenAbsent;
        }
        return database.use(async (connection) => query(sessionOf(connection, options, false)), options);
      }),
    snapshot: async (queries, whenAbsent, options) =>
      passGate(gate, options, async () =>
        (await prepare('read', options))
          ? database.transact(
              'repeatable read read only',
              async (connection) => queries(sessionOf(connection, options, false)),
              options,
            )
          : whenAbsent,
      ),
    write: async (statement, _, options) =>
      passGate(gate, options, async () => {
        await prepare('write', options);
        return database.write(async (connection) => statement(sessionOf(connection, options, true)), options);
      }),
    transact: async (view, work, options) =>
      passGate(gate, options, async () => {
        await prepare('write', options);
        return database.transact(
          view === 'one moment' ? 'repeatable read' : 'read committed',
          async (connection) => work(sessionOf(connection, options, false)),
          options,
        );
      }),
  };
}
