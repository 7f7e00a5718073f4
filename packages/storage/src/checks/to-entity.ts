import type { Column } from '../schema/column.ts';
import type { EntityDefinition } from '../schema/define-entity.ts';
import { StorageError } from '../storage-error.ts';
import { checkText } from './check-text.ts';
import { checkWholeNumber } from './check-whole-number.ts';
import { copyJson } from './copy-json.ts';
import { checkDocumentId } from './to-document.ts';

/** An entity that was checked and can be written as it is: a copy, absent members left out. */
export interface CheckedEntity {
  readonly id: string | number;
  readonly value: Readonly<Record<string, unknown>>;
}

/** Checks an entity against its definition and copies it. `INVALID` names the member that is wrong. */
export function toEntity<E, I>(definition: EntityDefinition<E, I>, input: E | I): CheckedEntity {
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- entities are declared with an object schema
  const parsed = definition.parse(input) as Readonly<Record<string, unknown>>;
  const value: Record<string, unknown> = {};
  for (const column of definition.columns) {
    const cell = copyCell(column, parsed[column.name], `${definition.name}.${column.name}`);
    if (cell !== undefined) {
      value[column.name] = cell;
    }
  }
  return { id: checkEntityId(definition, value[definition.key]), value };
}

/** Checks a key of an entity: a string as for documents, or a safe integer, as its column says. `INVALID` otherwise. */
export function checkEntityId<E, I>(definition: EntityDefinition<E, I>, id: unknown): string | number {
  const what = `${definition.name}.${definition.key}`;
  if (definition.columns.find(({ name }) => name === definition.key)?.type === 'text') {
    return checkDocumentId(id, what);
  }
  return checkInteger(typeof id === 'number' ? id : Number.NaN, what);
}

function checkInteger(value: number, path: string): number {
  return checkWholeNumber(value, path, { min: Number.MIN_SAFE_INTEGER }) + 0;
}

function copyCell(column: Column, cell: unknown, path: string): unknown {
  if (cell === undefined || cell === null) {
    return cell;
  }
  switch (column.type) {
    case 'text':
      return copyText(cell, path);
    case 'integer':
      return checkInteger(Number(cell), path);
    case 'timestamp':
      return copyDate(cell, path);
    case 'double':
    case 'boolean':
    case 'json':
    default:
      return copyJson(cell, path);
  }
}

function copyText(cell: unknown, path: string): string {
  if (typeof cell !== 'string') {
    throw new StorageError('INVALID', `${path} must be a text.`);
  }
  return checkText(cell, path);
}

function copyDate(cell: unknown, path: string): Date {
  if (!(cell instanceof Date) || Number.isNaN(cell.getTime())) {
    throw new StorageError('INVALID', `${path} must be a valid date.`);
  }
  return new Date(cell);
}
