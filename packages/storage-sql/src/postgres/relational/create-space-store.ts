import { type CallOptions, type RelationalStore, StorageError } from '@sorcha/storage';
import { checkSignal, waitWithSignal } from '@sorcha/storage/provider';
import type { Space } from '../../sqlite/relational/transaction-scope.ts';
import { checkDatabase, measureHealth } from '../check-health.ts';
import type { CallCounter } from '../connection/call-counter.ts';
import { isConflict } from '../connection/map-postgres-error.ts';
import type { PostgresConnection } from '../connection/postgres-connection.ts';
import { type PostgresDatabase, toStatement } from '../connection/postgres-database.ts';
import { type CallGate, createCalls, passGate } from '../rows/create-calls.ts';
import { createSession, type RunCalls } from '../rows/session.ts';
import type { StatementCache } from '../statements/statement-cache.ts';
import { createPostgresRepository } from './create-repository.ts';
import { createEntitySource } from './entity-table.ts';
import {
  createTransactionScope,
  requireOutsideOf,
  requireWhole,
  runWork,
  type TransactionScope,
} from './transaction-scope.ts';

/** What the store of one schema is made of. */
export interface SpaceStoreParts {
  /** The definitions that it was opened with, compared by identity. */
  readonly entities: ReadonlySet<unknown>;
  readonly space: Space;
  readonly database: PostgresDatabase;
  readonly statements: StatementCache;
  readonly schema: string;
  /** Makes sure that the schema is as it must be, and says whether it is there; to write, it always is afterwards. */
  readonly prepare: (purpose: 'read' | 'write') => boolean | Promise<boolean>;
  /** Is told of every error of a call. */
  readonly onError: (error: unknown) => void;
  readonly tenant: (id: string) => RelationalStore;
  /** What `close` fires. */
  readonly closing: AbortController;
  /** The signals that close the store, that of `closing` included. */
  readonly closeSignals: readonly AbortSignal[];
  /** Count the calls that are at work. */
  readonly counters: readonly CallCounter[];
  /** Waits for what is at work and releases what the store holds. */
  readonly release: () => Promise<void>;
}

/** Creates the store on the schema of a whole store, or of one of its tenants. */
export function createSpaceStore(parts: SpaceStoreParts): RelationalStore {
  const { space, database, closing } = parts;
  let closed: Promise<void> | undefined;

  const gate: CallGate = {
    enter: (options) => {
      requireOpen(parts.closeSignals);
      requireOutsideOf(space);
      checkSignal(options);
      parts.counters.forEach((counter) => counter.enter());
    },
    fail: parts.onError,
    leave: () => parts.counters.forEach((counter) => counter.leave()),
  };
  return {
    provider: 'postgres',
    repository: createRepositories(parts.entities, createCalls({ ...parts, gate })),
    transaction: async (work, options) =>
      passGate(gate, options, async () => {
        const known = parts.prepare('write');
        await (typeof known === 'boolean' ? known : waitWithSignal(known, options?.signal));
        return database.transact(
          'serializable',
          async (connection) => runTransaction(connection, parts, work, options),
          options,
        );
      }),
    tenant: parts.tenant,
    health: async (options) =>
      measureHealth(async () => {
        requireOpen(parts.closeSignals);
        return checkDatabase(database, options);
      }),
    close: async () => {
      closing.abort();
      closed ??= parts.release();
      await closed;
    },
  };
}

function createRepositories(entities: ReadonlySet<unknown>, calls: RunCalls): RelationalStore['repository'] {
  return (entity) => {
    if (!entities.has(entity)) {
      throw new StorageError('INVALID', `The store was opened without the entity "${entity.name}"; add it there.`);
    }
    return createPostgresRepository({ definition: entity, source: createEntitySource(entity), calls });
  };
}

async function runTransaction<T>(
  connection: PostgresConnection,
  parts: SpaceStoreParts,
  work: (store: RelationalStore) => Promise<T>,
  options: CallOptions | undefined,
): Promise<T> {
  const { closeSignals } = parts;
  requireOpen(closeSignals);
  const signal = AbortSignal.any([...closeSignals, ...(options?.signal === undefined ? [] : [options.signal])]);
  const scope = createTransactionScope({ connection, space: parts.space, signal });
  try {
    const result = await runWork(scope, async () => work(createBoundStore(scope, connection, parts)), {
      call: options?.signal,
      close: closeSignals,
    });
    await scope.end();
    requireOpen(closeSignals);
    checkSignal(options);
    requireWhole(scope);
    return result;
  } catch (error) {
    await scope.end();
    // What the work makes of a conflict is no reason not to run it again.
    const failure = scope.failure();
    throw failure !== undefined && isConflict(failure) ? failure : error;
  }
}

/** The store that the work of a transaction is given. */
function createBoundStore(
  scope: TransactionScope,
  connection: PostgresConnection,
  parts: SpaceStoreParts,
): RelationalStore {
  const { statements, schema } = parts;
  const sessionOf = (options: CallOptions) =>
    createSession({ connection, statements, schema, options, commitsItself: false });
  const calls: RunCalls = {
    read: async (query, _, options) => scope.run(async (own) => query(sessionOf(own)), 'impossible', options),
    snapshot: async (queries, _, options) => scope.run(async (own) => queries(sessionOf(own)), 'impossible', options),
    write: async (statement, refusal, options) => scope.run(async (own) => statement(sessionOf(own)), refusal, options),
    transact: async (_, work, options) => scope.run(async (own) => work(sessionOf(own)), 'possible', options),
  };
  return {
    provider: 'postgres',
    repository: createRepositories(parts.entities, calls),
    transaction: async (work, options) =>
      scope.nest(async (inner) => work(createBoundStore(inner, connection, parts)), options),
    tenant: () => refuse('A transaction belongs to one space; ask for the tenant outside of it.'),
    health: async (options) =>
      measureHealth(async () => {
        await scope.run(async (own) => connection.run(toStatement('select 1'), own), 'impossible', options);
        return { status: 'pass', detail: 'The transaction is open.' };
      }),
    close: async () => refuse('A transaction ends with its work; close the store that it came from.'),
  };
}

function requireOpen(closeSignals: readonly AbortSignal[]): void {
  if (closeSignals.some(({ aborted }) => aborted)) {
    throw new StorageError('CLOSED', 'The relational store is closed; open it again.');
  }
}

function refuse(message: string): never {
  throw new StorageError('UNSUPPORTED', message);
}
