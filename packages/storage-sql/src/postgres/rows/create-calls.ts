import type { CallOptions } from '@sorcha/storage';
import { waitWithSignal } from '@sorcha/storage/provider';
import type { PostgresConnection } from '../connection/postgres-connection.ts';
import type { PostgresDatabase } from '../connection/postgres-database.ts';
import type { StatementCache } from '../statements/statement-cache.ts';
import { createSession, type RunCalls } from './session.ts';

/** What a store does before and after each of its calls. */
export interface CallGate {
  /** Checks what every call checks first, and notes that one is at work. */
  enter(options: CallOptions | undefined): void;
  /** Notes that it ended. */
  leave(): void;
  /** Is told of the error of a call, before it leaves. */
  fail(error: unknown): void;
}

/** What calls outside of a transaction are run with. */
export interface CallParts {
  readonly database: PostgresDatabase;
  readonly statements: StatementCache;
  readonly schema: string;
  /** Makes sure that the schema is as it must be, and says whether it is there; to write, it always is afterwards. */
  readonly prepare: (purpose: 'read' | 'write') => boolean | Promise<boolean>;
  readonly gate: CallGate;
}

/** Runs a call through the gate of its store. */
export async function passGate<T>(
  gate: CallGate,
  options: CallOptions | undefined,
  call: () => Promise<T>,
): Promise<T> {
  gate.enter(options);
  try {
    return await call();
  } catch (error) {
    gate.fail(error);
    throw error;
  } finally {
    gate.leave();
  }
}

/** Creates what runs the calls of a store, each by itself. */
export function createCalls({ database, statements, schema, prepare, gate }: CallParts): RunCalls {
  const sessionOf = (connection: PostgresConnection, options: CallOptions | undefined, commitsItself: boolean) =>
    createSession({ connection, statements, schema, options, commitsItself });
  /** Others may be preparing the schema, for longer than this call has time. */
  const isThere = async (purpose: 'read' | 'write', options: CallOptions | undefined) => {
    const known = prepare(purpose);
    return typeof known === 'boolean' ? known : waitWithSignal(known, options?.signal);
  };
  return {
    read: async (query, whenAbsent, options) =>
      passGate(gate, options, async () => {
        if (!(await isThere('read', options))) {
          return whenAbsent;
        }
        return database.use(async (connection) => query(sessionOf(connection, options, false)), options);
      }),
    snapshot: async (queries, whenAbsent, options) =>
      passGate(gate, options, async () =>
        (await isThere('read', options))
          ? database.transact(
              'repeatable read read only',
              async (connection) => queries(sessionOf(connection, options, false)),
              options,
            )
          : whenAbsent,
      ),
    write: async (statement, _, options) =>
      passGate(gate, options, async () => {
        await isThere('write', options);
        return database.write(async (connection) => statement(sessionOf(connection, options, true)), options);
      }),
    transact: async (view, work, options) =>
      passGate(gate, options, async () => {
        await isThere('write', options);
        return database.transact(
          view === 'one moment' ? 'repeatable read' : 'read committed',
          async (connection) => work(sessionOf(connection, options, false)),
          options,
        );
      }),
  };
}
