import type { Column } from '@sorcha/storage';

/** Names that PostgreSQL has taken in every table. No member begins with `_`. */
const SYSTEM_COLUMNS: ReadonlySet<string> = new Set(['tableoid', 'xmin', 'cmin', 'xmax', 'cmax', 'ctid']);

/** The column in which a row keeps its version; no member is called so. */
export const VERSION = 'version';

/** The column of a member. */
export function toColumnName(member: string): string {
  return SYSTEM_COLUMNS.has(member) ? `_${member}` : member;
}

/** How PostgreSQL prints the type of a column. */
export type SqlType = 'text' | 'bigint' | 'double precision' | 'boolean' | 'timestamp with time zone' | 'jsonb';

/** The type of a column. */
export function toSqlType({ type }: Pick<Column, 'type'>): SqlType {
  switch (type) {
    case 'text':
      return 'text';
    case 'integer':
      return 'bigint';
    case 'double':
      return 'double precision';
    case 'boolean':
      return 'boolean';
    case 'timestamp':
      return 'timestamp with time zone';
    case 'json':
    default:
      return 'jsonb';
  }
}

/** The type of column that is kept as `printed`, a type with its collation; `undefined` when there is none. */
export function fromSqlType(printed: string): Column['type'] | undefined {
  return (['text', 'integer', 'double', 'boolean', 'timestamp', 'json'] as const).find(
    (type) => printSqlType({ type }) === printed,
  );
}

function printSqlType(column: Pick<Column, 'type'>): string {
  return column.type === 'text' ? 'text C' : toSqlType(column);
}

/** Says whether a column may hold SQL's NULL. JSON columns always may: it stands for an absent value, `null` for JSON's null. */
export function isNullable({ type, empty }: Column): boolean {
  return type === 'json' || empty !== 'never';
}
