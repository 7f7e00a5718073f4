import type { Filter } from '../filter/filter.ts';
import type { CallOptions } from './call-options.ts';
import type { OrderBy } from './order.ts';
import type { StoreHealth } from './store-health.ts';
import type { Stored } from './stored.ts';

/** Options of {@link DocumentStore.find}. */
export interface FindDocumentsOptions extends CallOptions {
  readonly orderBy?: readonly OrderBy[];
  /** At most so many, a whole number from 1 on. Default: all that match. */
  readonly limit?: number;
  /** Leaves out the first so many, a whole number from 0 on. Default 0. */
  readonly skip?: number;
}

/**
 * The warm tier, documents: nested JSON of one kind, declared with `defineDocument`. An `I` is a `D` without what has a default.
 *
 * Nested structure comes back exactly as it was written; the order of object members is not part of it; it is at most 100 levels deep. A write is durable
 * when its promise resolves. All calls may run concurrently; each is atomic. Documents are checked against their schema before
 * they are written (`INVALID`); what is read is a copy and is not checked again, so documents of an older shape stay
 * readable. Filters and orders by a path that the schema does not allow are refused (docs/filters.md). Every call can fail with `INVALID`, `UNAVAILABLE`, `TIMEOUT` or `CLOSED`; writes also with `OUTCOME_UNKNOWN`.
 */
export interface DocumentStore<D, I = D> {
  /** The provider's name: `memory`, `sqlite`, ... */
  readonly provider: string;

  /** Reads one document by its key; `undefined` when there is none. */
  get(id: string, options?: CallOptions): Promise<Stored<D> | undefined>;

  /** Reads several documents; the answer has the length and order of `ids`, with `undefined` where there is none. */
  getMany(ids: readonly string[], options?: CallOptions): Promise<(Stored<D> | undefined)[]>;

  /** The documents that match, in the given order (default: by key). */
  find(filter: Filter<D>, options?: FindDocumentsOptions): Promise<Stored<D>[]>;

  /** Adds one document. `ALREADY_EXISTS` when its key or a unique value is taken. Not repeatable. */
  insert(document: I, options?: CallOptions): Promise<Stored<D>>;

  /** Adds all of them or none. `ALREADY_EXISTS` as with `insert`, also between them. */
  insertMany(documents: readonly I[], options?: CallOptions): Promise<Stored<D>[]>;

  /**
   * Replaces the document that has the key and the version of `stored`, and returns it with its next version. `NOT_FOUND`,
   * `VERSION_CONFLICT` and `ALREADY_EXISTS` as on `Repository.update`.
   */
  replace(stored: Stored<D>, options?: CallOptions): Promise<Stored<D>>;

  /** Adds the document or replaces the one that has its key, whatever its version. Repeatable, but the version grows. */
  upsert(document: I, options?: CallOptions): Promise<Stored<D>>;

  /** Deletes by key; says whether there was one. `VERSION_CONFLICT` when `version` is given and not the current one. */
  delete(id: string, options?: CallOptions & { readonly version?: number }): Promise<boolean>;

  /** Deletes every document that matches and returns how many there were. `{}` matches all. */
  deleteMany(filter: Filter<D>, options?: CallOptions): Promise<number>;

  /** How many documents match (default: all). */
  count(filter?: Filter<D>, options?: CallOptions): Promise<number>;

  /** Says whether there is a document with that key. */
  exists(id: string, options?: CallOptions): Promise<boolean>;

  /** Makes a real round trip. Never throws. */
  health(options?: CallOptions): Promise<StoreHealth>;

  /** Releases what the store holds. Later calls fail with `CLOSED`; closing again does nothing. */
  close(): Promise<void>;
}
