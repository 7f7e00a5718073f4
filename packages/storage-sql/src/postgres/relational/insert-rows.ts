import type { Column } from '@sorcha/storage';
import { sql } from 'kysely';
import { divideBatches } from '../../rows/divide-batches.ts';
import type { StatementInput } from '../statements/statement-cache.ts';
import { toCell } from './entity-cell.ts';
import { toColumnName, toSqlType, VERSION } from './entity-columns.ts';

/** How many rows one statement inserts, and about how many characters. */
const INSERT_AT_ONCE = { count: 1_000, size: 4_000_000 };

/** The cells of one entity, in the order of its columns. */
export type Cells = readonly unknown[];

/** The cells of an entity that `toEntity` has checked. */
export function toCells(columns: readonly Column[], value: Readonly<Record<string, unknown>>): Cells {
  return columns.map((column) => toCell(column, value[column.name]));
}

/** Divides rows into as many as one statement takes. */
export function divideRows(rows: readonly Cells[]): Cells[][] {
  return divideBatches(rows, INSERT_AT_ONCE, (row) =>
    row.reduce<number>((sum, cell) => sum + (typeof cell === 'string' ? cell.length : 8), 0),
  );
}

/** Inserts one row; it changes nothing, without an error, when its key or a unique value is taken. */
export function insertRow(schema: string, table: string, columns: readonly Column[], row: Cells): StatementInput {
  return {
    schema,
    table,
    kind: 'add',
    values: row,
    build: ({ db, value }) =>
      db
        .withSchema(schema)
        .insertInto(table)
        .values({
          ...Object.fromEntries(columns.map(({ name }, index) => [toColumnName(name), value(index)])),
          [VERSION]: sql.lit(1),
        })
        .onConflict((conflict) => conflict.doNothing()),
  };
}

/** Inserts rows, however many, with one text: each column is sent as one list. */
export function insertRows(
  schema: string,
  table: string,
  columns: readonly Column[],
  rows: readonly Cells[],
): StatementInput {
  return {
    schema,
    table,
    kind: 'addMany',
    values: columns.map((_, index) => rows.map((row) => row[index])),
    build: ({ value }) => {
      const names = [...columns.map(({ name }) => toColumnName(name)), VERSION].map((name) => sql.id(name));
      const lists = columns.map((column, index) => sql`${value(index)}::${sql.raw(toSqlType(column))}[]`);
      return sql`insert into ${sql.id(schema, table)} (${sql.join(names)})
        select r.*, 1 from unnest(${sql.join(lists)}) as r`;
    },
  };
}
