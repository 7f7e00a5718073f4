import type { CallOptions, Page, Stored } from '@sorcha/storage';
import { keepFirst, toPage } from '@sorcha/storage/provider';
import type { Search } from '../../rows/to-search.ts';
import type { Cells } from '../connection/postgres-connection.ts';
import type { RowFilter, RowOrder, RowSource } from './row-source.ts';
import { countRows, readPageRows, selectPage, selectRows } from './select-rows.ts';
import type { RunCalls, Session } from './session.ts';

/** So many rows are read at once where JavaScript has to look at them; more are streamed. */
const FEW_ROWS = 200;

/** The rows of a search, in order. */
export async function findRows<E extends object>(
  calls: RunCalls,
  source: RowSource<E>,
  search: Search<E, RowFilter, RowOrder>,
  options: CallOptions | undefined,
): Promise<Stored<E>[]> {
  const { filter, order, limit, skip } = search;
  if (filter.test === undefined && typeof order !== 'function') {
    const find = async (session: Session) =>
      session.select(selectRows(session.schema, source, { filter, order, limit, skip }));
    const found = await calls.read(find, [], options);
    return found.map((cells) => source.toStored(cells));
  }
  const collect = async (rows: AsyncIterable<Cells>) => (await collectRows(rows, source, search, false)).items;
  return withCandidates(calls, source, { filter, order }, collect, [], options);
}

/** One page of a search, and how many rows there are on all pages. */
export async function readPage<E extends object>(
  calls: RunCalls,
  source: RowSource<E>,
  search: Search<E, RowFilter, RowOrder>,
  request: { readonly page: number; readonly pageSize: number },
  options: CallOptions | undefined,
): Promise<Page<Stored<E>>> {
  const { filter, order, limit, skip } = search;
  const none = toPage<Stored<E>>(request, [], 0);
  if (filter.test === undefined && typeof order !== 'function') {
    const read = async (session: Session) => {
      const answer = await session.select(selectPage(session.schema, source, { filter, order, limit, skip }));
      const { rows, total } = readPageRows(answer, source);
      return { items: rows.map((row) => source.toStored(row)), total };
    };
    const { items, total } = (await calls.read(read, undefined, options)) ?? none;
    return toPage(request, [...items], total);
  }
  const collect = async (rows: AsyncIterable<Cells>) => {
    const { items, total } = await collectRows(rows, source, search, true);
    return toPage(request, items, total);
  };
  return withCandidates(calls, source, { filter, order }, collect, none, options);
}

/** How many rows match. */
export async function countMatches<E extends object>(
  calls: RunCalls,
  source: RowSource<E>,
  filter: RowFilter,
  options: CallOptions | undefined,
): Promise<number> {
  const { test } = filter;
  if (test === undefined) {
    const count = async (session: Session) => session.query(countRows(session.schema, source, filter));
    const answer = await calls.read(count, undefined, options);
    return Number(answer?.rows[0]?.['count'] ?? 0);
  }
  const count = async (rows: AsyncIterable<Cells>) => {
    let matches = 0;
    for await (const row of rows) {
      matches += Number(test(row));
    }
    return matches;
  };
  return withCandidates(calls, source, { filter, order: [] }, count, 0, options);
}

/**
 * Runs `use` with all rows that meet the condition of a filter, in order where SQL can say it. Few rows come with one query; for
 * more a transaction is begun, in which they come as they are asked for.
 */
async function withCandidates<E extends object, T>(
  calls: RunCalls,
  source: RowSource<E>,
  search: Pick<Search<E, RowFilter, RowOrder>, 'filter' | 'order'>,
  use: (rows: AsyncIterable<Cells>) => Promise<T>,
  whenAbsent: T,
  options: CallOptions | undefined,
): Promise<T> {
  const order: readonly RowOrder[] = typeof search.order === 'function' ? [] : search.order;
  const asked = (limit: number | undefined) => ({ filter: search.filter, order, limit });
  const few = await calls.read(
    async (session) => session.select(selectRows(session.schema, source, asked(FEW_ROWS + 1))),
    undefined,
    options,
  );
  if (few === undefined) {
    return whenAbsent;
  }
  if (few.length <= FEW_ROWS) {
    return use(iterate(few));
  }
  const useAll = async (session: Session) => use(session.stream(selectRows(session.schema, source, asked(undefined))));
  return calls.snapshot(useAll, whenAbsent, options);
}

async function* iterate<T>(items: readonly T[]): AsyncIterable<T> {
  yield* items;
}

/** The stretch of the matching rows that a search asks for; with `countsAll` the number of all of them. */
async function collectRows<E extends object>(
  rows: AsyncIterable<Cells>,
  source: RowSource<E>,
  { filter: { test }, order, limit, skip }: Search<E, RowFilter, RowOrder>,
  countsAll: boolean,
): Promise<{ readonly items: Stored<E>[]; readonly total: number }> {
  let total = 0;
  const matching = async function* (): AsyncIterable<Cells> {
    for await (const row of rows) {
      if (test === undefined || test(row)) {
        total += 1;
        yield row;
      }
    }
  };
  if (typeof order === 'function') {
    const stored = async function* (): AsyncIterable<Stored<E>> {
      for await (const row of matching()) {
        yield source.toStored(row);
      }
    };
    const items = await keepFirst(stored(), order, { skip, limit });
    return { items, total };
  }
  const items: Stored<E>[] = [];
  for await (const row of matching()) {
    const isWanted = total > skip && (limit === undefined || items.length < limit);
    if (isWanted) {
      items.push(source.toStored(row));
    }
    if (!countsAll && items.length === limit) {
      break;
    }
  }
  return { items, total };
}
