import { compileOrder, type FilterNode, type OrderBy, type OrderKey, type Stored } from '@sorcha/storage';
import { checkWholeNumber, type Searched, toFilterNode, toOrderKeys } from '@sorcha/storage/provider';
import type { Cells } from '../connection/postgres-connection.ts';
import type { Fragment } from '../statements/condition.ts';

/** Which rows match: those that meet the condition and pass the test, where there is one. */
export interface RowFilter {
  readonly condition: Fragment;
  readonly test?: ((cells: Cells) => boolean) | undefined;
}

/** Something to order by. */
export interface RowOrder {
  readonly expression: Fragment;
  readonly direction: 'asc' | 'desc';
  /** Where empty values come, when not where PostgreSQL puts them. */
  readonly nulls: '' | 'nulls first' | 'nulls last';
}

/** A table that is searched, and what its rows stand for. */
export interface RowSource<E> {
  readonly table: string;
  /** The definition, which says what paths there are. */
  readonly searched: Searched;
  /** The column that identifies a row, its member and its place among the columns; ties are broken by it. */
  readonly key: { readonly column: string; readonly member: string; readonly index: number };
  /** The columns that {@link toStored} and tests read, in their order. */
  readonly columns: readonly string[];
  toFilter(node: FilterNode): RowFilter;
  /** What orders rows exactly as `keys` do, ties included; `undefined` when SQL cannot. */
  toOrder(keys: readonly OrderKey[]): readonly RowOrder[] | undefined;
  /** What is returned for a row. `CORRUPTED` when it cannot be read. */
  toStored(cells: Cells): Stored<E>;
}

/** A search that was checked; see {@link toSearch}. */
export interface Search<E> {
  readonly filter: RowFilter;
  /** What SQL orders by, else the comparison that does. */
  readonly order: readonly RowOrder[] | ((a: Stored<E>, b: Stored<E>) => number);
  readonly limit: number | undefined;
  readonly skip: number;
}

/** Checks a search before anything waits or is read. `INVALID` names the place of what is wrong. */
export function toSearch<E extends object>(
  source: RowSource<E>,
  query: {
    readonly filter: unknown;
    readonly orderBy?: readonly OrderBy[] | undefined;
    readonly limit?: number | undefined;
    readonly skip?: number | undefined;
  },
): Search<E> {
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
export function toRowFilter<E>(source: RowSource<E>, filter: unknown): RowFilter {
  return source.toFilter(toFilterNode(source.searched, filter));
}
