import { checkList } from '../checks/check-list.ts';
import { requireOption } from '../checks/check-options.ts';
import { checkTenantId } from '../checks/check-tenant-id.ts';
import type { RelationalStore } from '../ports/relational-store.ts';
import type { EntityDefinition } from '../schema/define-entity.ts';
import { StorageError } from '../storage-error.ts';
import { toMemoryHealth } from './memory-health.ts';
import { createMemoryRepository, type RunCall } from './memory-repository.ts';
import { createMemoryScope, type MemoryScope } from './memory-scope.ts';
import { createMemoryTable, type MemoryTable } from './memory-table.ts';

/** Any entity definition; which entity it is of comes back with `repository`. */
type AnyEntity = Pick<EntityDefinition<never>, 'name' | 'key' | 'columns' | 'indexes' | 'unique'>;

/**
 * Creates a relational store in the memory of this process, for tests and throw-away data: nothing is durable.
 *
 * Transactions run one at a time and all other calls of the same space wait for the running one, so `VERSION_CONFLICT`
 * comes only from versions that were handed in.
 *
 * @throws StorageError `INVALID` without a list of entities, or when two have the same name.
 */
export function createMemoryRelationalStore(options: { readonly entities: readonly AnyEntity[] }): RelationalStore {
  const entities = checkList(requireOption(options, 'entities').entities, 'entities');
  const names = entities.map(({ name }) => name);
  if (new Set(names).size < names.length) {
    throw new StorageError('INVALID', `Entities must have different names: ${names.join(', ')}.`);
  }
  const spaces = new Map<string, MemorySpace>();
  const spaceOf = (tenant: string) => {
    const space = spaces.get(tenant) ?? createSpace(entities);
    spaces.set(tenant, space);
    return space;
  };
  const state = { isClosed: false };
  const openTenant = (id: string) => {
    const handle = { isClosed: false };
    return createStore(spaceOf(checkTenantId(id)), {
      isClosed: () => state.isClosed || handle.isClosed,
      tenant: () => refuse('A tenant has no tenants; ask the store that it came from.'),
      close: () => {
        handle.isClosed = true;
      },
    });
  };
  return createStore(createSpace(entities), {
    isClosed: () => state.isClosed,
    tenant: openTenant,
    close: () => {
      state.isClosed = true;
      spaces.clear();
    },
  });
}

/** The rows of the store itself or of one tenant. */
interface MemorySpace {
  readonly scope: MemoryScope;
  /** By definition, compared by identity. */
  readonly tables: ReadonlyMap<unknown, MemoryTable>;
}

function createSpace(entities: readonly AnyEntity[]): MemorySpace {
  const tables = new Map(entities.map((entity) => [entity, createMemoryTable(entity.name, entity.unique)]));
  return { scope: createMemoryScope(), tables };
}

/** What a store, a tenant of it and a transaction do differently. */
interface Handle {
  readonly isClosed: () => boolean;
  readonly tenant: (id: string) => RelationalStore;
  readonly close: () => void;
}

function createStore({ scope, tables }: MemorySpace, handle: Handle): RelationalStore {
  const requireOpen = () => {
    if (handle.isClosed()) {
      throw new StorageError('CLOSED', 'The relational store is closed; open it again.');
    }
  };
  const run: RunCall = async (call, options) => {
    requireOpen();
    return scope.run((journal) => {
      requireOpen();
      return call(journal);
    }, options);
  };
  return {
    provider: 'memory',
    repository: (entity) => {
      const table = tables.get(entity);
      if (table === undefined) {
        throw new StorageError('INVALID', `The store was created without the entity "${entity.name}"; add it there.`);
      }
      return createMemoryRepository(entity, table, run);
    },
    transaction: async (work, options) => {
      requireOpen();
      return scope.nest(async (inner) => {
        requireOpen();
        const result = await work(createStore({ scope: inner, tables }, boundHandle(handle)));
        requireOpen();
        return result;
      }, options);
    },
    tenant: handle.tenant,
    health: async () => toMemoryHealth(handle.isClosed() || scope.isEnded()),
    close: async () => handle.close(),
  };
}

function boundHandle({ isClosed }: Handle): Handle {
  return {
    isClosed,
    tenant: () => refuse('A transaction belongs to one space; ask for the tenant outside of it.'),
    close: () => refuse('A transaction ends with its work; close the store that it came from.'),
  };
}

function refuse(message: string): never {
  throw new StorageError('UNSUPPORTED', message);
}
