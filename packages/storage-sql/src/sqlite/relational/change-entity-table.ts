import type { Column } from '@sorcha/storage';
import { z } from 'zod';
import { refuseTable, type TablePlace } from '../schema/declared-table.ts';
import { quoteName } from '../schema/quote-name.ts';
import { describeColumn } from './entity-column.ts';

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

/** What a file keeps of an entity's definition. */
export type EntityDeclaration = z.output<typeof declarationSchema>;

/**
 * The statements that add the columns of a newer definition.
 *
 * @param recorded what the file keeps.
 * @throws StorageError `INCOMPATIBLE_SERVER` for every other difference.
 */
export function changeEntityTable(
  declared: EntityDeclaration,
  recorded: unknown,
  place: TablePlace,
): readonly string[] {
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
  return added.map((column) => {
    if (column.empty === 'never') {
      const advice = 'declare it optional or nullable, because rows that are there have no value for it';
      throw refuseTable(place, `has no column "${column.name}", which is required: ${advice}`);
    }
    return `ALTER TABLE ${quoteName(place.table)} ADD COLUMN ${describeColumn(column, declared.key)}`;
  });
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
