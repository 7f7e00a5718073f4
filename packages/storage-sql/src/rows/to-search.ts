import { compileOrder, type FilterNode, type OrderBy, type OrderKey, type Stored } from '@sorcha/storage';
import { checkWholeNumber, type Searched, toFilterNode, toOrderKeys } from '@sorcha/storage/provider';

/** A table that is searched, and what its rows `R` stand for. Filters become an `F`, what orders becomes an `O` each. */
export interface TableSource<E, R, F, O> {
  readonly table: string;
  /** The definition, which says what paths there are. */
  readonly searched: Searched;
  /** The column and the member that identify a row; ties are broken by it. */
  readonly key: { readonly column: string; readonly member: string };
  /** The columns that {@link toStored} reads. */
  readonly columns: readonly string[];
  toFilter(node: FilterNode): F;
  /** What orders rows exactly as `keys` do, ties included; `undefined` when SQL cannot. */
  toOrder(keys: readonly OrderKey[]): readonly O[] | undefined;
  /** What is returned for a row. `CORRUPTED` when it cannot be read. */
  toStored(row: R): Stored<E>;
}

/** A search that was checked; see {@link toSearch}. */
export interface Search<E, F, O> {
  readonly filter: F;
  /** What SQL orders by, else the comparison that does. */
  readonly order: readonly O[] | ((a: Stored<E>, b: Stored<E>) => number);
  readonly limit: number | undefined;
  readonly skip: number;
}

/** Checks a search before anything waits or is read. `INVALID` names the place of what is wrong. */
export function toSearch<E extends object, R, F, O>(
  source: TableSource<E, R, F, O>,
  query: {
    readonly filter: unknown;
    readonly orderBy?: readonly OrderBy[] | undefined;
    readonly limit?: number | undefined;
    readonly skip?: number | undefined;
  },
): Search<E, F, O> {
  const { filter, orderBy = [], limit, skip = 0 } = query;
  if (limit !== undefined) {
    checkWholeNumber(limit, 'limit', { min: 1 });
  }
  checkWholeNumber(skip, 'skip', { min: 0 });
  const keys = toOrderKeys(source.searched, orderBy);
  // The version is the store's: to filters and orders it is not there, and what is not there orders nothing.
  const seen = orderBy.filter((_, index) => keys[index]?.path[0] !== 'version');
  const order = source.toOrder(keys) ?? compileOrder(seen, source.key.member);
  return { filter: toRowFilter(source, filter), order, limit, skip };
}

/** Checks a filter. `INVALID` names the place of what is wrong. */
export function toRowFilter<F>(
  source: { readonly searched: Searched; toFilter(node: FilterNode): F },
  filter: unknown,
): F {
  return source.toFilter(toFilterNode(source.searched, filter));
}
