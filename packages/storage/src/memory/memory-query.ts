import { type Searched, toFilterNode, toOrderKeys } from '../checks/check-paths.ts';
import { checkWholeNumber } from '../checks/check-whole-number.ts';
import { compileFilter } from '../filter/compile-filter.ts';
import { compileOrder } from '../filter/compile-order.ts';
import type { OrderBy } from '../ports/order.ts';
import type { MemoryRow, MemoryTable } from './memory-table.ts';

/** Says whether a row matches a filter. */
export type RowTest = (row: MemoryRow) => boolean;

/** Checks a filter and makes it a test. `INVALID` names the place of what is wrong. */
export function toRowTest(searched: Searched, filter: unknown): RowTest {
  const matches = compileFilter(toFilterNode(searched, filter));
  return (row) => matches(row.value);
}

/** What to look for; everything but the filter is optional, as in `DocumentStore.find`. */
export interface MemoryQuery {
  readonly filter: unknown;
  readonly orderBy?: readonly OrderBy[] | undefined;
  readonly limit?: number | undefined;
  readonly skip?: number | undefined;
}

/**
 * Checks a query and makes it a search, so that what is malformed is refused before anything waits.
 *
 * @param searched its key is what rows are ordered by last.
 */
export function toSearch(
  searched: Searched & { readonly key: string },
  query: MemoryQuery,
): (table: MemoryTable) => MemoryRow[] {
  const { filter, orderBy = [], limit = Number.MAX_SAFE_INTEGER, skip = 0 } = query;
  checkWholeNumber(limit, 'limit', { min: 1 });
  checkWholeNumber(skip, 'skip', { min: 0 });
  const matches = toRowTest(searched, filter);
  toOrderKeys(searched, orderBy);
  const compare = compileOrder(orderBy, searched.key);
  return (table) =>
    [...table.rows()]
      .filter(matches)
      .sort((a, b) => compare(a.value, b.value))
      .slice(skip, skip + limit);
}
