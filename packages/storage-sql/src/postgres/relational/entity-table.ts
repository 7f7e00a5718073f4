import {
  type Column,
  type EntityDefinition,
  type FilterNode,
  type OrderKey,
  StorageError,
  type Stored,
} from '@sorcha/storage';
import { toStored } from '@sorcha/storage/provider';
import {
  type AnyEntity,
  type EntityDeclaration,
  listAddedColumns,
  toEntityDeclaration,
  toTableName,
} from '../../schema/entity-declaration.ts';
import { quoteName } from '../../schema/quote-name.ts';
import { refuseTable, type TablePlace } from '../../schema/refuse-table.ts';
import type { Cells } from '../connection/postgres-connection.ts';
import type { RowOrder, RowSource } from '../rows/row-source.ts';
import type { DeclaredTable } from '../schema/declared-table.ts';
import type { FoundTables } from '../schema/read-found-tables.ts';
import { columnFragment, rawFragment } from '../statements/condition.ts';
import { fromCell } from './entity-cell.ts';
import { fromSqlType, isNullable, toColumnName, toSqlType, VERSION } from './entity-columns.ts';
import { describePrefix, describeSearchIndex, describeUniqueIndex } from './entity-indexes.ts';
import { type FilterColumns, translateEntityFilter } from './translate-entity-filter.ts';

/** The table of an entity: a typed column for each member, and the version. */
export function describeEntityTable(entity: AnyEntity): DeclaredTable {
  const { name, key, columns, indexes, unique } = entity;
  const table = toTableName(name);
  const declaration = toEntityDeclaration(entity);
  const uniqueIndexes = unique.map((members) => describeUniqueIndex(table, pick(columns, members)));
  const byName = new Map(
    indexes.map((members) => describeSearchIndex(table, pick(columns, members))).map((index) => [index.name, index]),
  );
  return {
    name: table,
    tables: [table],
    declaration,
    createSql: (schema) => {
      const defined = [
        ...columns.map((column) => describeColumn(column, key)),
        `${quoteName(VERSION)} bigint not null`,
      ];
      const create = `create table ${quoteName(schema)}.${quoteName(table)} (${defined.join(', ')})`;
      return [create, ...new Set(uniqueIndexes.map((index) => index.createSql(schema)))];
    },
    indexes: [...byName.values()],
    change: (recorded, place, schema) => {
      const alter = `alter table ${quoteName(schema)}.${quoteName(table)} add column`;
      return listAddedColumns(declaration, recorded, place).map((column) => `${alter} ${describeColumn(column, key)}`);
    },
    describeFound: (_, found, place) => describeFound(entity, found, place),
  };
}

function pick(columns: readonly Column[], members: readonly string[]): Column[] {
  return members.flatMap((member) => columns.filter(({ name }) => name === member));
}

function describeColumn(column: Column, key: string): string {
  const constraint = column.name === key ? ' primary key' : isNullable(column) ? '' : ' not null';
  const collation = column.type === 'text' ? ' collate "C"' : '';
  return `${quoteName(toColumnName(column.name))} ${toSqlType(column)}${collation}${constraint}`;
}

/** What a migration has made of an entity's table, as a declaration. What is empty in a column, only the definition can say. */
function describeFound(entity: AnyEntity, { parts }: FoundTables, place: TablePlace): EntityDeclaration {
  const table = toTableName(entity.name);
  const names = new Set(parts.map(({ name }) => name));
  const columns = parts
    .filter(({ kind, name }) => kind === 'column' && name !== VERSION)
    .map(({ name, detail, isRequired }) => {
      const declared = entity.columns.find((column) => toColumnName(column.name) === name);
      const type = fromSqlType(detail);
      if (type === undefined) {
        throw refuseTable(place, `has a column "${name}" of the type ${detail}, which no member is kept as; change it`);
      }
      const member = declared?.name ?? name;
      const isAsDeclared = declared?.type === type && isRequired === !isNullable(declared);
      return isAsDeclared
        ? declared
        : { name: member, type, empty: isRequired ? ('never' as const) : ('absent' as const) };
    });
  const unique = entity.unique.filter((members) =>
    names.has(describeUniqueIndex(table, pick(entity.columns, members)).name),
  );
  const own = new Set(unique.map((members) => describeUniqueIndex(table, pick(entity.columns, members)).name));
  const foreign = parts.find(({ kind, name }) => kind === 'unique' && name !== `${table}_pkey` && !own.has(name));
  if (foreign !== undefined) {
    throw refuseTable(
      place,
      `has the unique index "${foreign.name}", which is not declared; remove it in the migration`,
    );
  }
  return { key: entity.key, columns, unique: unique.map((members) => members.concat()) };
}

/** The rows of an entity's table, as they are searched. */
export function createEntitySource<E extends object, I>(definition: EntityDefinition<E, I>): RowSource<E> {
  const { columns, key } = definition;
  const byName = new Map(columns.map((column) => [column.name, column]));
  const indexed = new Set<string>([...definition.indexes, ...definition.unique].flat());
  const seen: FilterColumns = {
    columns: byName,
    prefixed: new Set(
      columns.filter(({ name, type }) => type === 'text' && name !== key && indexed.has(name)).map(({ name }) => name),
    ),
  };
  const toValue = (cells: Cells) => {
    const value: Record<string, unknown> = {};
    for (let index = 0; index < columns.length; index += 1) {
      const column = columns[index];
      const member = column === undefined ? undefined : fromCell(column, cells[index]);
      if (column !== undefined && member !== undefined) {
        value[column.name] = member;
      }
    }
    return value;
  };
  return {
    table: toTableName(definition.name),
    searched: definition,
    key: { column: toColumnName(key), member: key, index: columns.findIndex(({ name }) => name === key) },
    columns: [...columns.map(({ name }) => toColumnName(name)), VERSION],
    toFilter: (node: FilterNode) => {
      const { condition, matches } = translateEntityFilter(seen, node);
      return { condition, test: matches === undefined ? undefined : (cells) => matches(toValue(cells)) };
    },
    toOrder: (keys) => toOrder(seen, key, keys),
    toStored: (cells): Stored<E> => toStored(definition, toValue(cells), readVersion(cells[columns.length])),
  };
}

function readVersion(version: unknown): number {
  if (typeof version !== 'number') {
    throw new StorageError('CORRUPTED', 'A row has no version; restore the database from a copy.');
  }
  return version;
}

/**
 * Typed columns order as the evaluator does, empty cells first, texts by bytes and thus by code point. A path to nothing orders
 * nothing. JSON columns are left to the evaluator.
 */
function toOrder(
  { columns, prefixed }: FilterColumns,
  key: string,
  keys: readonly OrderKey[],
): readonly RowOrder[] | undefined {
  const order: RowOrder[] = [];
  for (const { path, direction } of keys) {
    const [member = '', ...deeper] = path;
    const column = columns.get(member);
    if (column?.type === 'json') {
      return undefined;
    }
    if (column !== undefined && deeper.length === 0) {
      const nulls = isNullable(column) ? (direction === 'asc' ? 'nulls first' : 'nulls last') : '';
      const name = toColumnName(member);
      // The start of a text stands in the order of the whole, and in an index.
      const expressions = prefixed.has(member) ? [rawFragment(describePrefix(name))] : [];
      for (const expression of [...expressions, columnFragment(name)]) {
        order.push({ expression, direction, nulls });
      }
    }
    if (member === key && deeper.length === 0) {
      return order;
    }
  }
  return [...order, { expression: columnFragment(toColumnName(key)), direction: 'asc', nulls: '' }];
}
