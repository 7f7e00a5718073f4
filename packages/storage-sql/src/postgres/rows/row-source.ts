import type { TableSource } from '../../rows/to-search.ts';
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

/** A table that is searched, and what its rows stand for: cells in the order of its columns. */
export interface RowSource<E> extends TableSource<E, Cells, RowFilter, RowOrder> {
  /** The column that identifies a row, its member and its place among the columns. */
  readonly key: { readonly column: string; readonly member: string; readonly index: number };
}
