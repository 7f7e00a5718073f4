/** One page of a result. */
export interface Page<T> {
  readonly items: readonly T[];
  /** The number of this page, counted from 1. */
  readonly page: number;
  /** How many items a full page has. */
  readonly pageSize: number;
  /** How many items there are on all pages together. */
  readonly total: number;
  /** How many pages there are; 0 when there are no items. */
  readonly pageCount: number;
  readonly hasNext: boolean;
  readonly hasPrevious: boolean;
}
