import type { CallOptions, RelationalStore } from '@sorcha/storage';
import { passGate } from '../../transactions/call-gate.ts';
import type { OpenSpace } from '../../transactions/open-spaces.ts';
import { createBoundStore, createSpaceStore } from '../../transactions/space-store.ts';
import { toRepositories } from '../../transactions/to-repositories.ts';
import { createTransactionScope, runWork, type TransactionScope } from '../../transactions/transaction-scope.ts';
import { checkDatabase } from '../check-health.ts';
import { isConflict } from '../connection/map-postgres-error.ts';
import type { PostgresConnection } from '../connection/postgres-connection.ts';
import { type PostgresDatabase, toStatement } from '../connection/postgres-database.ts';
import { createCalls, type PrepareSchema } from '../rows/create-calls.ts';
import { createSession, type RunCalls } from '../rows/session.ts';
import type { StatementCache } from '../statements/statement-cache.ts';
import { createPostgresRepository } from './create-repository.ts';
import { createEntitySource } from './entity-table.ts';
import { openSavepoint } from './open-savepoint.ts';

/** What the store of one schema is made of. */
export interface SpaceStoreParts {
  readonly entities: ReadonlySet<unknown>;
  readonly database: PostgresDatabase;
  readonly statements: StatementCache;
  readonly schema: string;
  readonly prepare: PrepareSchema;
  /** Is told of every error of a call. */
  readonly onError: (error: unknown) => void;
}

/** Creates the store on the schema of a whole store, or of one of its tenants. */
export function createPostgresSpaceStore(space: OpenSpace, parts: SpaceStoreParts): RelationalStore {
  const { database } = parts;
  const gate = { ...space.gate, fail: parts.onError };
  return createSpaceStore(space, {
    provider: 'postgres',
    repository: createRepositories(parts.entities, createCalls({ ...parts, gate })),
    transaction: async (work, options) =>
      passGate(gate, options, async () => {
        await parts.prepare('write', options);
        return database.transact(
          'serializable',
          async (connection) => runTransaction(connection, space, parts, work, options),
          options,
        );
      }),
    check: async (options) => checkDatabase(database, options),
  });
}

function createRepositories(entities: ReadonlySet<unknown>, calls: RunCalls): RelationalStore['repository'] {
  return toRepositories(entities, (definition) =>
    createPostgresRepository({ definition, source: createEntitySource(definition), calls }),
  );
}

async function runTransaction<T>(
  connection: PostgresConnection,
  { space, closeSignals, requireOpen }: OpenSpace,
  parts: SpaceStoreParts,
  work: (store: RelationalStore) => Promise<T>,
  options: CallOptions | undefined,
): Promise<T> {
  requireOpen();
  const signal = joinSignals(AbortSignal.any([...closeSignals]), options);
  const scope = createTransactionScope({
    space,
    openSavepoint: async () => openSavepoint(connection, signal),
    // After a lost connection or a conflict nothing can be saved, and without a savepoint after no error.
    isFatal: (error) => !connection.isUsable() || connection.isFailed() || isConflict(error),
  });
  try {
    return await runWork(scope, async (own) => work(createStore(own, connection, parts, signal)), {
      call: options?.signal,
      close: closeSignals,
    });
  } catch (error) {
    // What the work makes of a conflict is no reason not to run it again.
    const failure = scope.failure();
    throw failure !== undefined && isConflict(failure) ? failure : error;
  }
}

/** The store that the work of a transaction is given; `ending` fires when the transaction is not waited for any more. */
function createStore(
  scope: TransactionScope,
  connection: PostgresConnection,
  parts: SpaceStoreParts,
  ending: AbortSignal,
): RelationalStore {
  const { statements, schema } = parts;
  const optionsOf = (options: CallOptions | undefined) => ({ signal: joinSignals(ending, options) });
  const sessionOf = (options: CallOptions | undefined) =>
    createSession({ connection, statements, schema, options: optionsOf(options), commitsItself: false });
  const callsIn = (own: TransactionScope): RunCalls => ({
    read: async (query, _, options) => own.run(async () => query(sessionOf(options)), 'impossible', options),
    snapshot: async (queries, _, options) => own.run(async () => queries(sessionOf(options)), 'impossible', options),
    write: async (statement, refusal, options) => own.run(async () => statement(sessionOf(options)), refusal, options),
    transact: async (_, work, options) => own.run(async () => work(sessionOf(options)), 'possible', options),
  });
  return createBoundStore(scope, {
    provider: 'postgres',
    repositoriesIn: (own) => createRepositories(parts.entities, callsIn(own)),
    check: async (own, options) =>
      own.run(async () => connection.run(toStatement('select 1'), optionsOf(options)), 'impossible', options),
  });
}

function joinSignals(signal: AbortSignal, options: CallOptions | undefined): AbortSignal {
  return options?.signal === undefined ? signal : AbortSignal.any([signal, options.signal]);
}
