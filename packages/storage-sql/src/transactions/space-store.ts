import { type CallOptions, type RelationalStore, StorageError } from '@sorcha/storage';
import { type Finding, measureHealth } from '../measure-health.ts';
import type { OpenSpace } from './open-spaces.ts';
import type { TransactionScope } from './transaction-scope.ts';

/** What a database adds to the store of a space. */
export interface SpaceStoreParts {
  readonly provider: string;
  /** Repositories whose calls run by themselves. */
  readonly repository: RelationalStore['repository'];
  readonly transaction: RelationalStore['transaction'];
  /** Says how the database is. */
  check(options: CallOptions | undefined): Promise<Finding>;
}

/** Creates the store of a space. */
export function createSpaceStore(space: OpenSpace, parts: SpaceStoreParts): RelationalStore {
  const { provider, repository, transaction } = parts;
  return {
    provider,
    repository,
    transaction,
    tenant: space.tenant,
    health: async (options) =>
      measureHealth(provider, async () => {
        space.requireOpen();
        return parts.check(options);
      }),
    close: space.close,
  };
}

/** What a database adds to the stores that the work of transactions is given. */
export interface BoundStoreParts {
  readonly provider: string;
  /** Repositories whose calls run in a scope. */
  repositoriesIn(scope: TransactionScope): RelationalStore['repository'];
  /** Makes a round trip in a scope. */
  check(scope: TransactionScope, options: CallOptions | undefined): Promise<unknown>;
}

/** Creates the store that the work of a transaction, or of a savepoint in it, is given. */
export function createBoundStore(scope: TransactionScope, parts: BoundStoreParts): RelationalStore {
  const { provider } = parts;
  return {
    provider,
    repository: parts.repositoriesIn(scope),
    transaction: async (work, options) => scope.nest(async (inner) => work(createBoundStore(inner, parts)), options),
    tenant: () => refuse('A transaction belongs to one space; ask for the tenant outside of it.'),
    health: async (options) =>
      measureHealth(provider, async () => {
        await parts.check(scope, options);
        return { status: 'pass', detail: 'The transaction is open.' };
      }),
    close: async () => refuse('A transaction ends with its work; close the store that it came from.'),
  };
}

function refuse(message: string): never {
  throw new StorageError('UNSUPPORTED', message);
}
