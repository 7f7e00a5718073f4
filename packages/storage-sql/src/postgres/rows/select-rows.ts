import { sql } from 'kysely';
import type { Cells } from '../connection/postgres-connection.ts';
import type { StatementBuilder, StatementInput } from '../statements/statement-cache.ts';
import type { RowFilter, RowOrder, RowSource } from './row-source.ts';

type AnySource = Pick<RowSource<unknown>, 'table' | 'columns' | 'key'>;

/** The names in statements that are not of a member: no member begins with `_`. */
const TOTAL = '_total';

/** The query for the rows that meet a condition, in an order, `limit` of them after the first `skip`. */
export function selectRows(
  schema: string,
  source: AnySource,
  {
    filter,
    order,
    limit,
    skip = 0,
  }: {
    readonly filter: RowFilter;
    readonly order: readonly RowOrder[];
    readonly limit: number | undefined;
    readonly skip?: number;
  },
): StatementInput {
  // Without a number PostgreSQL expects a limit to leave a tenth, and plans for that.
  const isCut = limit !== undefined || skip > 0;
  return {
    schema,
    table: source.table,
    kind: `find ${toKey(order)} ${String(isCut)}`,
    parts: [filter.condition, ...order.map(({ expression }) => expression)],
    values: isCut ? [limit, skip] : [],
    build: (builder) => {
      const all = buildSelect(builder, schema, source, order);
      return isCut ? all.limit(builder.value<number>(0)).offset(builder.value<number>(1)) : all;
    },
  };
}

/** The query for one page and, in each row and also when there is none, the number of all rows. */
export function selectPage(
  schema: string,
  source: AnySource,
  {
    filter,
    order,
    limit,
    skip,
  }: {
    readonly filter: RowFilter;
    readonly order: readonly RowOrder[];
    readonly limit: number | undefined;
    readonly skip: number;
  },
): StatementInput {
  return {
    schema,
    table: source.table,
    kind: `page ${toKey(order)}`,
    parts: [filter.condition, ...order.map(({ expression }) => expression)],
    values: [limit, skip],
    build: (builder) => {
      const counted = builder.db
        .withSchema(schema)
        .selectFrom(source.table)
        .select(({ fn }) => fn.countAll().as(TOTAL))
        .where(builder.part<boolean>(0));
      const all = buildSelect(builder, schema, source, order);
      const page = all.limit(builder.value<number>(0)).offset(builder.value<number>(1));
      return sql`select c.${sql.id(TOTAL)}, r.* from (${counted}) as c left join lateral (${page}) as r on true`;
    },
  };
}

/** Divides what {@link selectPage} answers. */
export function readPageRows(
  answer: readonly Cells[],
  { key }: AnySource,
): { readonly rows: readonly Cells[]; readonly total: number } {
  const rows = answer.map((cells) => cells.slice(1)).filter((cells) => cells[key.index] !== null);
  return { rows, total: Number(answer[0]?.[0] ?? 0) };
}

/** The query for the number of rows that meet a condition. */
export function countRows(schema: string, source: AnySource, { condition }: RowFilter): StatementInput {
  return {
    schema,
    table: source.table,
    kind: 'count',
    parts: [condition],
    build: ({ db, part }) =>
      db
        .withSchema(schema)
        .selectFrom(source.table)
        .select(({ fn }) => fn.countAll().as('count'))
        .where(part<boolean>(0)),
  };
}

/** The query for at most `limit` rows that meet a condition, by key, those after the key `after` where it is given. */
export function selectRowsAfter(
  schema: string,
  source: AnySource,
  {
    filter,
    after,
    limit,
  }: {
    readonly filter: RowFilter;
    readonly after: string | number | undefined;
    readonly limit: number;
  },
): StatementInput {
  const { column } = source.key;
  return {
    schema,
    table: source.table,
    kind: `scan ${String(after === undefined)}`,
    parts: [filter.condition],
    values: [limit, after],
    build: ({ db, part, value }) => {
      const matching = db.withSchema(schema).selectFrom(source.table).select(source.columns).where(part<boolean>(0));
      const following = after === undefined ? matching : matching.where(column, '>', value(1));
      return following.orderBy(column).limit(value<number>(0));
    },
  };
}

/** The query for one row by its key. */
export function selectRow(schema: string, source: AnySource, id: string | number): StatementInput {
  return {
    schema,
    table: source.table,
    kind: 'get',
    values: [id],
    build: ({ db, value }) =>
      db.withSchema(schema).selectFrom(source.table).select(source.columns).where(source.key.column, '=', value(0)),
  };
}

/** The query for the version of one row by its key; every table has that column. */
export function selectVersion(schema: string, source: AnySource, id: string | number): StatementInput {
  return {
    schema,
    table: source.table,
    kind: 'version',
    values: [id],
    build: ({ db, value }) =>
      db.withSchema(schema).selectFrom(source.table).select('version').where(source.key.column, '=', value(0)),
  };
}

function toKey(order: readonly RowOrder[]): string {
  return order.map(({ direction, nulls }) => `${direction} ${nulls}`).join(',');
}

function buildSelect(
  { db, part }: StatementBuilder,
  schema: string,
  { table, columns }: AnySource,
  order: readonly RowOrder[],
) {
  const matching = db.withSchema(schema).selectFrom(table).select(columns).where(part<boolean>(0));
  return order.reduce(
    (query, { direction, nulls }, index) => query.orderBy(sql`${part(index + 1)} ${sql.raw(`${direction} ${nulls}`)}`),
    matching,
  );
}
