import type { z } from 'zod';
import { StorageError } from '../storage-error.ts';
import { checkAgainstSchema } from './check-against-schema.ts';
import { type Column, toColumn } from './column.ts';
import { checkDefinitionName } from './definition-name.ts';
import { findPathProblem } from './find-path-problem.ts';

/**
 * An entity `E`, declared once and used on every relational provider. What is added is an `I`: members with a default may be
 * left out.
 */
export interface EntityDefinition<E, I = E> {
  readonly name: string;
  /** The member that identifies an entity; a text or integer column. */
  readonly key: keyof E & string;
  /** The columns in the order of the schema; providers derive their tables from them. */
  readonly columns: readonly Column[];
  /** Each a list of columns that are searched or ordered by together. */
  readonly indexes: readonly (readonly (keyof E & string)[])[];
  /** Each a list of columns whose values together are taken at most once. Absent and null values are never equal. */
  readonly unique: readonly (readonly (keyof E & string)[])[];
  /** Checks an entity; `INVALID` lists every problem with its path. */
  parse(input: unknown): E;
  /** Never there: keeps the type of what is added. */
  readonly accepts?: (entity: I) => void;
  /** Says why no entity can have anything at a path of a filter or an order; `undefined` when one can. */
  findPathProblem(path: readonly string[]): string | undefined;
}

/**
 * Declares an entity.
 *
 * Columns are derived from the schema: strings become text, integers bigint, other numbers double, booleans boolean, dates
 * a time with millisecond precision, everything else JSON. A column may be optional or nullable but not both, because a
 * typed column has only one empty value; and none may be called `version`, which the stores add.
 *
 * @param options.name 1 to 48 characters of `a-z 0-9 _`, starting with a letter.
 * @param options.schema a zod object; members that it does not declare are refused, never dropped.
 * @param options.key the member that identifies an entity: a required string (1 to 255 characters are usable) or integer.
 * @throws StorageError `INVALID` when the declaration cannot work on every provider.
 */
export function defineEntity<S extends z.ZodObject>(options: {
  readonly name: string;
  readonly schema: S;
  readonly key: keyof z.output<S> & string;
  readonly indexes?: readonly (readonly (keyof z.output<S> & string)[])[];
  readonly unique?: readonly (readonly (keyof z.output<S> & string)[])[];
}): EntityDefinition<z.output<S>, z.input<S>> {
  const { name, key, indexes = [], unique = [] } = options;
  checkDefinitionName(name);
  const { schema } = options;
  const columns = Object.entries<unknown>(schema.shape).map(([member, type]) => toColumn(name, member, type));
  const byName = new Map(columns.map((column) => [column.name, column]));
  const byLowerCase = new Map(columns.map((column) => [column.name.toLowerCase(), column.name]));
  const twin = columns.find((column) => byLowerCase.get(column.name.toLowerCase()) !== column.name);
  if (twin !== undefined) {
    throw new StorageError(
      'INVALID',
      `Entity "${name}" has another member like "${twin.name}" but for its case; databases take them for one column.`,
    );
  }
  const keyColumn = byName.get(key);
  if (keyColumn === undefined || keyColumn.empty !== 'never' || !['text', 'integer'].includes(keyColumn.type)) {
    throw new StorageError('INVALID', `The key "${key}" of entity "${name}" must be a required string or integer.`);
  }
  for (const member of [...indexes, ...unique].flat()) {
    const column = byName.get(member);
    if (column === undefined || column.type === 'json') {
      throw new StorageError('INVALID', `Entity "${name}" cannot index "${member}": it is no typed column.`);
    }
  }
  return {
    name,
    key,
    columns,
    indexes,
    unique,
    findPathProblem: (path) => findPathProblem(schema, path),
    parse: (input) => {
      const unknown = Object.keys(typeof input === 'object' && input !== null ? input : {}).filter(
        (member) => !byName.has(member),
      );
      if (unknown.length > 0) {
        throw new StorageError(
          'INVALID',
          `Entity "${name}" has no member "${unknown.join('", "')}"; declare it first.`,
        );
      }
      return checkAgainstSchema(schema, input, `entity "${name}"`);
    },
  };
}
