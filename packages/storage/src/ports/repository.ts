import type { Filter } from '../filter/filter.ts';
import type { CallOptions } from './call-options.ts';
import type { OrderBy } from './order.ts';
import type { Page } from './page.ts';
import type { Stored } from './stored.ts';

/** The most items that one page may have. */
export const MAX_PAGE_SIZE = 1_000;

/** Options of {@link Repository.find}. */
export interface FindOptions extends CallOptions {
  readonly orderBy?: readonly OrderBy[];
  /** At most so many, a whole number from 1 on. Default: all that match; use `page` or `scan` where that may be many. */
  readonly limit?: number;
}

/** What {@link Repository.page} is asked for. */
export interface PageRequest<E> {
  /** Default: every entity. */
  readonly filter?: Filter<E>;
  readonly orderBy?: readonly OrderBy[];
  /** Counted from 1. A page past the end is empty. */
  readonly page: number;
  /** From 1 to {@link MAX_PAGE_SIZE}. */
  readonly pageSize: number;
}

/**
 * The warm tier, relational: rows of one entity, declared with `defineEntity`. An `I` is an `E` without what has a default.
 *
 * A write is durable when its promise resolves, or inside `RelationalStore.transaction` when the transaction's does. All
 * calls may run concurrently. Entities are checked against their schema before they are written (`INVALID`), JSON columns
 * are at most 100 levels deep; what is read is a copy. Every call can fail with `INVALID`, `UNAVAILABLE`, `TIMEOUT` or `CLOSED`; writes also with `OUTCOME_UNKNOWN`.
 */
export interface Repository<E, I = E> {
  /** Reads one entity by its key; `undefined` when there is none. */
  get(id: string | number, options?: CallOptions): Promise<Stored<E> | undefined>;

  /** All entities that match, in the given order (default: by key). */
  find(filter: Filter<E>, options?: FindOptions): Promise<Stored<E>[]>;

  /** One page of the entities that match, with the total; page and total belong to one moment. */
  page(request: PageRequest<E>, options?: CallOptions): Promise<Page<Stored<E>>>;

  /** Every entity that matches, by key ascending, in constant memory. Entities written meanwhile may or may not appear. */
  scan(filter: Filter<E>, options?: CallOptions): AsyncIterable<Stored<E>>;

  /** Adds one entity. `ALREADY_EXISTS` when its key or a unique value is taken. Not repeatable. */
  add(entity: I, options?: CallOptions): Promise<Stored<E>>;

  /** Adds all of them or none. `ALREADY_EXISTS` as with `add`, also between them. */
  addMany(entities: readonly I[], options?: CallOptions): Promise<Stored<E>[]>;

  /**
   * Replaces the entity that has the key and the version of `stored`, and returns it with its next version.
   * `NOT_FOUND` when the key is absent, `VERSION_CONFLICT` when the version is not the current one, `ALREADY_EXISTS` when a
   * unique value is taken by another entity.
   */
  update(stored: Stored<E>, options?: CallOptions): Promise<Stored<E>>;

  /** Deletes by key; says whether there was one. `VERSION_CONFLICT` when `version` is given and not the current one. */
  delete(id: string | number, options?: CallOptions & { readonly version?: number }): Promise<boolean>;

  /** Says whether there is an entity with that key. */
  exists(id: string | number, options?: CallOptions): Promise<boolean>;

  /** How many entities match (default: all). */
  count(filter?: Filter<E>, options?: CallOptions): Promise<number>;
}
