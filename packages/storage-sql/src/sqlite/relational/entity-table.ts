import type { Column, EntityDefinition, OrderKey } from '@sorcha/storage';
import { toStored } from '@sorcha/storage/provider';
import { type AnyEntity, listAddedColumns, toEntityDeclaration, toTableName } from '../../schema/entity-declaration.ts';
import { quoteName } from '../../schema/quote-name.ts';
import type { RowOrder, RowSource } from '../rows/search-rows.ts';
import type { CellRow } from '../rows/session.ts';
import type { DeclaredTable } from '../schema/declared-table.ts';
import { fromCell, toCell } from './entity-cell.ts';
import { describeColumn } from './entity-column.ts';
import { type Columns, translateFilter } from './translate-filter.ts';

/** The table of an entity: a typed column for each member, and the version. */
export function describeEntityTable(entity: AnyEntity): DeclaredTable {
  const { name, key, columns, indexes, unique } = entity;
  const table = toTableName(name);
  const declaration = toEntityDeclaration(entity);
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
    change: (recorded, place) =>
      listAddedColumns(declaration, recorded, place).map(
        (column) => `ALTER TABLE ${quoteName(table)} ADD COLUMN ${describeColumn(column, key)}`,
      ),
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
