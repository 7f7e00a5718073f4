import { createHash } from 'node:crypto';
import type { Column } from '@sorcha/storage';
import { quoteName } from '../../schema/quote-name.ts';
import { fitName } from '../schema/schema-names.ts';
import { isNullable, toColumnName } from './entity-columns.ts';

/**
 * So many characters of a text go into an index, because an entry of an index has at most 2,704 bytes and a text any number. What
 * is searched for is compared with the start first, by which it is found, and then as a whole.
 */
export const PREFIX_LENGTH = 128;

/** More texts than these have no room in one entry. */
const MAX_PREFIXES = 4;

/** An index of an entity's table; its name stands for its definition. */
export interface EntityIndex {
  readonly name: string;
  createSql(schema: string): string;
}

/** The start of a text column, as it is indexed. */
export function describePrefix(column: string): string {
  return `left(${quoteName(column)}, ${PREFIX_LENGTH})`;
}

/** An index to search and order by some columns, empty values first. */
export function describeSearchIndex(table: string, columns: readonly Column[]): EntityIndex {
  return describeIndex(table, columns, 'index', listEntries(columns).join(', '));
}

/** An index that keeps the values of some columns together unique, whatever their length. */
export function describeUniqueIndex(table: string, columns: readonly Column[]): EntityIndex {
  const texts = columns.filter(({ type }) => type === 'text').map(({ name }) => quoteName(toColumnName(name)));
  const hash = texts.length === 0 ? [] : [describeHash(texts)];
  return describeIndex(table, columns, 'unique index', [...listEntries(columns), ...hash].join(', '));
}

function listEntries(columns: readonly Column[]): string[] {
  let texts = 0;
  return columns.flatMap((column) => {
    const isText = column.type === 'text';
    texts += Number(isText);
    if (isText && texts > MAX_PREFIXES) {
      return [];
    }
    const name = toColumnName(column.name);
    const expression = isText ? describePrefix(name) : quoteName(name);
    return [isNullable(column) ? `${expression} nulls first` : expression];
  });
}

/** Tells texts apart whose starts are the same: nothing while they are no longer than that, else a hash of the whole. */
function describeHash(texts: readonly string[]): string {
  const areShort = texts.map((text) => `length(${text}) <= ${PREFIX_LENGTH}`).join(' and ');
  // A text as bytes: the conversion that takes an encoding is not allowed in indexes.
  const hashes = texts.map((text) => `sha256(replace(${text}, '\\', '\\\\')::bytea)`);
  const whole = hashes.length === 1 ? hashes.join('') : `sha256(${hashes.join(' || ')})`;
  return texts.length > MAX_PREFIXES ? `(${whole})` : `(case when ${areShort} then ''::bytea else ${whole} end)`;
}

function describeIndex(
  table: string,
  columns: readonly Column[],
  kind: 'index' | 'unique index',
  entries: string,
): EntityIndex {
  const hash = createHash('sha256').update(`${kind} ${entries}`).digest('hex').slice(0, 8);
  const members = columns.map(({ name }) => name).join('.');
  const name = fitName(`${kind === 'index' ? '' : 'unique:'}${table}.${members}.${hash}`);
  return {
    name,
    createSql: (schema) => `create ${kind} ${quoteName(name)} on ${quoteName(schema)}.${quoteName(table)} (${entries})`,
  };
}
