import { type Column, type EntityDefinition, StorageError } from '@sorcha/storage';
import { checkList } from '@sorcha/storage/provider';
import { z } from 'zod';
import { refuseTable, type TablePlace } from './refuse-table.ts';

/** Any entity definition; which entity it is of comes back with `repository`. */
export type AnyEntity = Pick<EntityDefinition<never>, 'name' | 'key' | 'columns' | 'indexes' | 'unique'>;

/** Checks the entities that a store is opened with. `INVALID` when two have the same name. */
export function checkEntities(entities: readonly AnyEntity[]): readonly AnyEntity[] {
  const names = checkList(entities, 'entities').map(({ name }) => name);
  if (new Set(names).size < names.length) {
    throw new StorageError('INVALID', `Entities must have different names: ${names.join(', ')}.`);
  }
  return entities;
}

/** The name of the table of an entity. */
export function toTableName(entity: string): string {
  return `entity_${entity}`;
}

const declarationSchema = z.object({
  key: z.string(),
  columns: z.array(
    z.object({
      name: z.string(),
      type: z.enum(['text', 'integer', 'double', 'boolean', 'timestamp', 'json']),
      empty: z.enum(['never', 'absent', 'null']),
    }),
  ),
  unique: z.array(z.array(z.string())),
});

/** What is kept of an entity's definition beside its table. */
export type EntityDeclaration = z.output<typeof declarationSchema>;

/** What is to be kept of a definition. */
export function toEntityDeclaration({ key, columns, unique }: AnyEntity): EntityDeclaration {
  return { key, columns: columns.concat(), unique: unique.map((members) => members.concat()) };
}

/**
 * The columns that a table lacks for a newer definition; all may be empty.
 *
 * @param recorded what is kept of the definition that the table was made for.
 * @throws StorageError `INCOMPATIBLE_SERVER` for every other difference.
 */
export function listAddedColumns(declared: EntityDeclaration, recorded: unknown, place: TablePlace): readonly Column[] {
  const found = declarationSchema.safeParse(recorded);
  if (!found.success) {
    throw refuseTable(place, 'has a record of another version of this software; use that one');
  }
  const { key, columns, unique } = found.data;
  if (key !== declared.key) {
    throw refuseTable(
      place,
      `has the key "${key}", not "${declared.key}"; declare it so, or copy the rows to a new entity`,
    );
  }
  const before = new Map(columns.map((column) => [column.name, column]));
  const now = new Map(declared.columns.map((column) => [column.name, column]));
  for (const column of columns) {
    checkKept(column, now.get(column.name), place);
  }
  checkUnique(unique, declared.unique, place);
  const added = declared.columns.filter(({ name }) => !before.has(name));
  const required = added.find(({ empty }) => empty === 'never');
  if (required !== undefined) {
    const advice = 'declare it optional or nullable, because rows that are there have no value for it';
    throw refuseTable(place, `has no column "${required.name}", which is required: ${advice}`);
  }
  return added;
}

function checkKept(before: Column, now: Column | undefined, place: TablePlace): void {
  const advice = 'declare it as it was, or copy the rows to a new entity';
  if (now === undefined) {
    throw refuseTable(place, `has a column "${before.name}" that is no longer declared; ${advice}`);
  }
  const was = describe(before);
  const is = describe(now);
  if (was !== is) {
    throw refuseTable(place, `has a column "${before.name}" of the kind ${was}, not ${is}; ${advice}`);
  }
}

function describe({ type, empty }: Column): string {
  const kinds = { never: 'required', absent: 'optional', null: 'nullable' } as const;
  return `${kinds[empty]} ${type}`;
}

function checkUnique(
  before: readonly (readonly string[])[],
  now: readonly (readonly string[])[],
  place: TablePlace,
): void {
  const advice = 'declare them as they were, or copy the rows to a new entity';
  const was = listUnique(before);
  const is = listUnique(now);
  if (was !== is) {
    throw refuseTable(place, `has the unique columns ${was}, not ${is}; ${advice}`);
  }
}

function listUnique(unique: readonly (readonly string[])[]): string {
  const lists = unique.map((members) => `(${members.join(', ')})`).sort();
  return lists.length === 0 ? 'none' : [...new Set(lists)].join(', ');
}
