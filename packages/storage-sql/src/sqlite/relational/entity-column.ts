import type { Column } from '@sorcha/storage';
import { quoteName } from '../../schema/quote-name.ts';

/** How SQLite keeps a column: booleans as 0 and 1, times as milliseconds since 1970, JSON as text. */
export function toSqlType({ type }: Column): 'TEXT' | 'INTEGER' | 'REAL' {
  switch (type) {
    case 'integer':
    case 'boolean':
    case 'timestamp':
      return 'INTEGER';
    case 'double':
      return 'REAL';
    case 'text':
    case 'json':
    default:
      return 'TEXT';
  }
}

/**
 * Says whether a column may hold SQL's NULL. JSON columns always may: it stands for an absent value there, and JSON's null
 * is kept as text.
 */
export function isNullable({ type, empty }: Column): boolean {
  return type === 'json' || empty !== 'never';
}

/** The definition of a column, as `CREATE TABLE` and `ALTER TABLE` take it. */
export function describeColumn(column: Column, key: string): string {
  const constraint = column.name === key ? ' PRIMARY KEY NOT NULL' : isNullable(column) ? '' : ' NOT NULL';
  return `${quoteName(column.name)} ${toSqlType(column)}${constraint}`;
}
