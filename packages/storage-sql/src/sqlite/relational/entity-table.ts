import type { Column, EntityDefinition, OrderKey } from '@sorcha/storage';
import { toStored } from '@sorcha/storage/provider';
import type { RowOrder, RowSource } from '../rows/search-rows.ts';
import type { CellRow } from '../rows/session.ts';
import type { DeclaredTable } from '../schema/declared-table.ts';
import { quoteName } from '../schema/quote-name.ts';
import { changeEntityTable, type EntityDeclaration } from './change-entity-table.ts';
import { fromCell, toCell } from './entity-cell.ts';
import { describeColumn } from './entity-column.ts';
import { type Columns, translateFilter } from './translate-filter.ts';

/** Any entity definition; which entity it is of comes back with `repository`. */
export type AnyEntity = Pick<EntityDefinition<never>, 'name' | 'key' | 'columns' | 'indexes' | 'unique'>;

/** The name of the table of an entity. */
export function toTableName(entity: string): string {
  return `entity_${entity}`;
}

/** The table of an entity: a typed column for each member, and the version. */
export function describeEntityTable({ name, key, columns, indexes, unique }: AnyEntity): DeclaredTable {
  const table = toTableName(name);
  const declaration: EntityDeclaration = { key, columns: [...columns], unique: unique.map((members) => [...members]) };
  const defined = [...columns.map((column) => describeColumn(column, key)), `${quoteName('version')} INTEGER NOT NULL`];
  return {
    name: table,
    tables: [table],
    declaration,
    createSql: [
      `CREATE TABLE ${quoteName(table)} (${defined.join(', ')}) STRICT`,
      ...describeIndexes(table, unique, 'UNIQUE ').map(({ createSql }) => createSql),
    ],
    indexes: describeIndexes(table, indexes, ''),
    change: (recorded, place) => changeEntityTable(declaration, recorded, place),
  };
}

/** One index per list of members, however often it is declared. */
function describeIndexes(table: string, lists: readonly (readonly string[])[], kind: 'UNIQUE ' | '') {
  const byName = new Map(
    lists.map((members) => [`${kind === '' ? '' : 'unique:'}${table}.${members.join('.')}`, members]),
  );
  return [...byName].map(([name, members]) => {
    const columns = members.map(quoteName).join(', ');
    return { name, createSql: `CREATE ${kind}INDEX ${quoteName(name)} ON ${quoteName(table)} (${columns})` };
  });
}

/** The rows of an entity's table, as they are searched. */
export function createEntitySource<E extends object, I>(definition: EntityDefinition<E, I>): RowSource<E> {
  const byName: Columns = new Map(definition.columns.map((column) => [column.name, column]));
  return {
    table: toTableName(definition.name),
    searched: definition,
    key: { column: definition.key, member: definition.key },
    columns: [...byName.keys(), 'version'],
    toFilter: (node) => translateFilter(byName, node),
    toOrder: (keys) => toOrder(byName, definition.key, keys),
    toStored: (row) => toStored(definition, fromRow(definition.columns, row), Number(row['version'])),
  };
}

/** The cells of an entity that `toEntity` has checked. */
export function toCells(columns: readonly Column[], value: Readonly<Record<string, unknown>>): CellRow {
  return Object.fromEntries(columns.map((column) => [column.name, toCell(column, value[column.name])]));
}

function fromRow(columns: readonly Column[], row: CellRow): Record<string, unknown> {
  const value: Record<string, unknown> = {};
  for (const column of columns) {
    const member = fromCell(column, row[column.name]);
    if (member !== undefined) {
      value[column.name] = member;
    }
  }
  return value;
}

/**
 * Typed columns order as the evaluator does: SQLite puts NULL first, compares texts by bytes, and each column holds one type.
 * A path to nothing orders nothing. JSON columns are left to the evaluator.
 */
function toOrder(columns: Columns, key: string, keys: readonly OrderKey[]): readonly RowOrder[] | undefined {
  const order: RowOrder[] = [];
  for (const { path, direction } of keys) {
    const [member = '', ...deeper] = path;
    const column = columns.get(member);
    if (column?.type === 'json') {
      return undefined;
    }
    if (column !== undefined && deeper.length === 0) {
      order.push({ column: member, direction });
    }
    if (member === key && deeper.length === 0) {
      return order;
    }
  }
  return [...order, { column: key, direction: 'asc' }];
}
