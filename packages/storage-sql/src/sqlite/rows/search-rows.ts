import type { Stored } from '@sorcha/storage';
import { keepFirst } from '@sorcha/storage/provider';
import { type Kysely, type RawBuilder, sql } from 'kysely';
import type { Search, TableSource } from '../../rows/to-search.ts';
import type { CellTest } from '../match-function.ts';
import type { CellRow, CellTables, Session } from './session.ts';

/** Which rows match: those that meet the condition and pass the test, where there is one. */
export interface RowFilter {
  readonly condition?: RawBuilder<boolean> | undefined;
  readonly test?: { readonly columns: readonly string[]; readonly passes: CellTest } | undefined;
}

/** A column to order by. */
export interface RowOrder {
  readonly column: string;
  readonly direction: 'asc' | 'desc';
}

/** A table that is searched, and what its rows stand for. */
export type RowSource<E> = TableSource<E, CellRow, RowFilter, RowOrder>;

/** The rows of a search, in order. */
export async function findRows<E extends object>(
  session: Session,
  source: RowSource<E>,
  search: Search<E, RowFilter, RowOrder>,
): Promise<Stored<E>[]> {
  const { filter, order, limit, skip } = search;
  return withCondition(session, filter, async (condition) => {
    const matching = selectRows(session.db, source, condition);
    if (typeof order === 'function') {
      return keepFirst(toAllStored(source, matching.stream()), order, { skip, limit });
    }
    const ordered = order.reduce((query, { column, direction }) => query.orderBy(column, direction), matching);
    // SQLite takes an offset only after a limit; a negative limit is none.
    const rows = await ordered
      .limit(limit ?? -1)
      .offset(skip)
      .execute();
    return rows.map((row) => source.toStored(row));
  });
}

/** At most `limit` matching rows by key ascending, those after the key `after` where it is given. */
export async function readRowsAfter<E>(
  session: Session,
  source: RowSource<E>,
  request: { readonly filter: RowFilter; readonly after: string | number | undefined; readonly limit: number },
): Promise<Stored<E>[]> {
  const { filter, after, limit } = request;
  const { column } = source.key;
  return withCondition(session, filter, async (condition) => {
    const matching = selectRows(session.db, source, condition).orderBy(column).limit(limit);
    const rows = await (after === undefined ? matching : matching.where(column, '>', after)).execute();
    return rows.map((row) => source.toStored(row));
  });
}

/** How many rows match. */
export async function countRows<E>(session: Session, source: RowSource<E>, filter: RowFilter): Promise<number> {
  return withCondition(session, filter, async (condition) => {
    const { count } = await session.db
      .selectFrom(source.table)
      .select(({ fn }) => fn.countAll<number>().as('count'))
      .where(condition)
      .executeTakeFirstOrThrow();
    return count;
  });
}

/** Removes the rows that match and says how many there were. */
export async function deleteRows<E>(session: Session, source: RowSource<E>, filter: RowFilter): Promise<number> {
  return withCondition(session, filter, async (condition) => {
    const { numDeletedRows } = await session.db.deleteFrom(source.table).where(condition).executeTakeFirstOrThrow();
    return Number(numDeletedRows);
  });
}

/** The query for all rows that meet a condition. */
export function selectRows<E>(db: Kysely<CellTables>, source: RowSource<E>, condition: RawBuilder<boolean>) {
  return db.selectFrom(source.table).select(source.columns).where(condition);
}

/** Runs `use` with the one condition that a filter comes down to. */
export async function withCondition<T>(
  { match }: Session,
  { condition = sql<boolean>`1`, test }: RowFilter,
  use: (condition: RawBuilder<boolean>) => Promise<T>,
): Promise<T> {
  return test === undefined
    ? use(condition)
    : match.during(test.columns, test.passes, async (passes) => use(sql<boolean>`(${condition}) and ${passes}`));
}

async function* toAllStored<E>(source: RowSource<E>, rows: AsyncIterable<CellRow>): AsyncIterable<Stored<E>> {
  for await (const row of rows) {
    yield source.toStored(row);
  }
}
