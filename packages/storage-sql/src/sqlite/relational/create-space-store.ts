import { type CallOptions, type RelationalStore, StorageError } from '@sorcha/storage';
import { checkSignal } from '@sorcha/storage/provider';
import { sql } from 'kysely';
import { checkDatabase, measureHealth } from '../check-health.ts';
import type { SqliteDatabase } from '../open-database.ts';
import type { CellTables, RunCalls, Session } from '../rows/session.ts';
import { createSqliteRepository } from './create-repository.ts';
import { createEntitySource } from './entity-table.ts';
import {
  createTransactionScope,
  requireOutsideOf,
  runWork,
  type Space,
  type TransactionScope,
} from './transaction-scope.ts';

type Database = SqliteDatabase<CellTables>;

/** What the store of one file is made of. */
export interface SpaceStoreParts {
  /** The definitions that it was opened with, compared by identity. */
  readonly entities: ReadonlySet<unknown>;
  readonly space: Space;
  /** Runs `call` with the file; to read, it may be absent. */
  readonly use: <T>(purpose: 'read' | 'write', call: (database: Database | undefined) => Promise<T>) => Promise<T>;
  readonly tenant: (id: string) => RelationalStore;
  /** What `close` fires. */
  readonly closing: AbortController;
  /** The signals that close the store, that of `closing` included. */
  readonly closeSignals: readonly AbortSignal[];
  /** Notes a call that is at work. */
  readonly track: (call: Promise<unknown>) => void;
  /** Waits for what is at work and releases what the store holds. */
  readonly release: () => Promise<void>;
}

/** Creates the store on the file of a whole store, or of one of its tenants. */
export function createSpaceStore(parts: SpaceStoreParts): RelationalStore {
  const { space, use, closing } = parts;
  let closed: Promise<void> | undefined;

  const enter = (options: CallOptions | undefined) => {
    requireOpen(parts.closeSignals);
    requireOutsideOf(space);
    checkSignal(options);
  };
  const run = async <T>(options: CallOptions | undefined, call: () => Promise<T>): Promise<T> => {
    enter(options);
    const result = call();
    parts.track(result);
    return result;
  };
  const calls: RunCalls = {
    read: async (query, whenAbsent, options) =>
      run(options, async () =>
        use('read', async (file) =>
          file === undefined ? whenAbsent : file.read(async (db) => query({ db, match: file.match }), options),
        ),
      ),
    snapshot: async (queries, whenAbsent, options) =>
      run(options, async () =>
        use('read', async (file) =>
          file === undefined ? whenAbsent : file.snapshot(async (db) => queries({ db, match: file.match }), options),
        ),
      ),
    write: async (work, options) =>
      run(options, async () =>
        use('write', async (file) => {
          const present = requirePresent(file);
          return present.write(async (db) => work({ db, match: present.match }), options);
        }),
      ),
  };
  return {
    provider: 'sqlite',
    repository: createRepositories(parts.entities, calls),
    transaction: async (work, options) =>
      run(options, async () =>
        use('write', async (file) => runTransaction(requirePresent(file), parts, work, options)),
      ),
    tenant: parts.tenant,
    health: async (options) =>
      measureHealth(async () => {
        requireOpen(parts.closeSignals);
        return use('read', async (file) =>
          file === undefined
            ? { status: 'pass', detail: 'Nothing was written yet; the first write creates the file.' }
            : checkDatabase(file, options),
        );
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
    return createSqliteRepository(entity, createEntitySource(entity), calls);
  };
}

async function runTransaction<T>(
  file: Database,
  { entities, space, closeSignals }: SpaceStoreParts,
  work: (store: RelationalStore) => Promise<T>,
  options: CallOptions | undefined,
): Promise<T> {
  return file.write(async (db, connection) => {
    requireOpen(closeSignals);
    const session = { db, match: file.match };
    const scope = createTransactionScope({ connection, file: file.file, space });
    try {
      const result = await runWork(scope, async () => work(createBoundStore(scope, session, entities)), {
        call: options?.signal,
        close: closeSignals,
      });
      await scope.end();
      requireOpen(closeSignals);
      checkSignal(options);
      return result;
    } finally {
      await scope.end();
    }
  }, options);
}

/** The store that the work of a transaction is given. */
function createBoundStore(scope: TransactionScope, session: Session, entities: ReadonlySet<unknown>): RelationalStore {
  const calls: RunCalls = {
    read: async (query, _, options) => scope.run(async () => query(session), options),
    snapshot: async (queries, _, options) => scope.run(async () => queries(session), options),
    write: async (work, options) => scope.run(async () => work(session), options),
  };
  return {
    provider: 'sqlite',
    repository: createRepositories(entities, calls),
    transaction: async (work, options) =>
      scope.nest(async (inner) => work(createBoundStore(inner, session, entities)), options),
    tenant: () => refuse('A transaction belongs to one space; ask for the tenant outside of it.'),
    health: async (options) =>
      measureHealth(async () => {
        await scope.run(async () => sql`select 1`.execute(session.db), options);
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

function requirePresent(file: Database | undefined): Database {
  if (file === undefined) {
    throw new Error('a file that is written to is created first');
  }
  return file;
}

function refuse(message: string): never {
  throw new StorageError('UNSUPPORTED', message);
}
