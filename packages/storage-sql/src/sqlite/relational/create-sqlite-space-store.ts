import type { CallOptions, RelationalStore } from '@sorcha/storage';
import { sql } from 'kysely';
import { passGate } from '../../transactions/call-gate.ts';
import type { OpenSpace } from '../../transactions/open-spaces.ts';
import { createBoundStore, createSpaceStore } from '../../transactions/space-store.ts';
import { toRepositories } from '../../transactions/to-repositories.ts';
import { createTransactionScope, runWork, type TransactionScope } from '../../transactions/transaction-scope.ts';
import { checkDatabase } from '../check-health.ts';
import { mapSqliteError } from '../map-sqlite-error.ts';
import type { SqliteDatabase } from '../open-database.ts';
import type { CellTables, RunCalls, Session } from '../rows/session.ts';
import { createSqliteRepository } from './create-repository.ts';
import { createEntitySource } from './entity-table.ts';
import { openSavepoint } from './open-savepoint.ts';

type Database = SqliteDatabase<CellTables>;

/** Runs a call with the file of a space; to read, it may be absent. */
export type UseFile = <T>(
  purpose: 'read' | 'write',
  call: (database: Database | undefined) => Promise<T>,
) => Promise<T>;

/** Creates the store on the file of a whole store, or of one of its tenants. */
export function createSqliteSpaceStore(
  space: OpenSpace,
  entities: ReadonlySet<unknown>,
  use: UseFile,
): RelationalStore {
  const read = async <T>(
    whenAbsent: T,
    options: CallOptions | undefined,
    query: (file: Database) => Promise<T>,
  ): Promise<T> =>
    passGate(space.gate, options, async () =>
      use('read', async (file) => (file === undefined ? whenAbsent : query(file))),
    );
  const write = async <T>(options: CallOptions | undefined, call: (file: Database) => Promise<T>): Promise<T> =>
    passGate(space.gate, options, async () => use('write', async (file) => call(requirePresent(file))));
  const calls: RunCalls = {
    read: async (query, whenAbsent, options) =>
      read(whenAbsent, options, async (file) => file.read(async (db) => query({ db, match: file.match }), options)),
    snapshot: async (queries, whenAbsent, options) =>
      read(whenAbsent, options, async (file) =>
        file.snapshot(async (db) => queries({ db, match: file.match }), options),
      ),
    write: async (work, options) =>
      write(options, async (file) => file.write(async (db) => work({ db, match: file.match }), options)),
  };
  return createSpaceStore(space, {
    provider: 'sqlite',
    repository: createRepositories(entities, calls),
    transaction: async (work, options) =>
      write(options, async (file) => runTransaction(file, space, entities, work, options)),
    check: async (options) =>
      use('read', async (file) =>
        file === undefined
          ? { status: 'pass', detail: 'Nothing was written yet; the first write creates the file.' }
          : checkDatabase(file, options),
      ),
  });
}

function createRepositories(entities: ReadonlySet<unknown>, calls: RunCalls): RelationalStore['repository'] {
  return toRepositories(entities, (entity) => createSqliteRepository(entity, createEntitySource(entity), calls));
}

async function runTransaction<T>(
  file: Database,
  { space, closeSignals, requireOpen }: OpenSpace,
  entities: ReadonlySet<unknown>,
  work: (store: RelationalStore) => Promise<T>,
  options: CallOptions | undefined,
): Promise<T> {
  return file.write(async (db, connection) => {
    requireOpen();
    const scope = createTransactionScope({
      space,
      openSavepoint: async () => openSavepoint(connection),
      isFatal: () => !connection.isTransaction,
    });
    const bind = (own: TransactionScope) => createStore(own, { db, match: file.match }, file.file, entities);
    return runWork(scope, async (own) => work(bind(own)), { call: options?.signal, close: closeSignals });
  }, options);
}

/** The store that the work of a transaction is given. */
function createStore(
  scope: TransactionScope,
  session: Session,
  file: string,
  entities: ReadonlySet<unknown>,
): RelationalStore {
  const runIn = async <T>(
    own: TransactionScope,
    query: (session: Session) => Promise<T>,
    options: CallOptions | undefined,
  ): Promise<T> =>
    own.run(
      async () =>
        query(session).catch((error: unknown) => {
          throw mapSqliteError(error, file);
        }),
      'possible',
      options,
    );
  return createBoundStore(scope, {
    provider: 'sqlite',
    repositoriesIn: (own) =>
      createRepositories(entities, {
        read: async (query, _, options) => runIn(own, query, options),
        snapshot: async (queries, _, options) => runIn(own, queries, options),
        write: async (work, options) => runIn(own, work, options),
      }),
    check: async (own, options) => runIn(own, async ({ db }) => sql`select 1`.execute(db), options),
  });
}

function requirePresent(file: Database | undefined): Database {
  if (file === undefined) {
    throw new Error('a file that is written to is created first');
  }
  return file;
}
