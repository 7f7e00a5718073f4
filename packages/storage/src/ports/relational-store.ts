import type { EntityDefinition } from '../schema/define-entity.ts';
import type { CallOptions } from './call-options.ts';
import type { Repository } from './repository.ts';
import type { StoreHealth } from './store-health.ts';

/**
 * The warm tier, relational: the repositories of one database and the transactions over them.
 *
 * Every call can fail with `INVALID`, `UNAVAILABLE`, `TIMEOUT`, `INCOMPATIBLE_SERVER` or `CLOSED`.
 */
export interface RelationalStore {
  /** The provider's name: `memory`, `sqlite`, ... */
  readonly provider: string;

  /** The repository of an entity. The entity must be among those that the store was opened with (`INVALID`). */
  repository<E extends object, I = E>(entity: EntityDefinition<E, I>): Repository<E, I>;

  /**
   * Runs `work` with a store bound to one transaction: all of its writes become visible and durable when the returned
   * promise resolves, or none when `work` throws. A transaction inside a transaction is a savepoint: it can fail alone. Use only the store that is
   * handed in; it fails with `CLOSED` once the transaction has ended. Transactions are serializable: `VERSION_CONFLICT`
   * when a concurrent one got in the way, and nothing of this one remains then. A provider may run `work` again before it says so, so
   * `work` must do nothing beside the store that may not happen twice.
   */
  transaction<T>(work: (store: RelationalStore) => Promise<T>, options?: CallOptions): Promise<T>;

  /**
   * The same entities in the separate space of one tenant (a file, a schema): no row of one tenant is ever seen by another.
   * Ids are 1 to 63 characters of `a-z 0-9 -`, starting and ending with a letter or digit (`INVALID`). The space is created
   * by the first write. Not available inside a transaction or another tenant (`UNSUPPORTED`).
   */
  tenant(id: string): RelationalStore;

  /** Makes a real round trip. Never throws. */
  health(options?: CallOptions): Promise<StoreHealth>;

  /** Releases what the store and its tenants hold. Later calls fail with `CLOSED`; closing again does nothing. */
  close(): Promise<void>;
}
