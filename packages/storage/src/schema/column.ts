import { z } from 'zod';
import { StorageError } from '../storage-error.ts';
import { checkStorable } from './check-storable.ts';

/** The type of a column on every relational provider. */
export type ColumnType = 'text' | 'integer' | 'double' | 'boolean' | 'timestamp' | 'json';

/** One typed column of an entity. */
export interface Column {
  readonly name: string;
  readonly type: ColumnType;
  /** What an empty cell stands for: an absent member, `null`, or nothing because the column is required. */
  readonly empty: 'never' | 'absent' | 'null';
}

const NAME = /^[A-Za-z][A-Za-z0-9_]{0,47}$/;

/** Derives the column of one member of an entity; see `defineEntity` for the rules. */
export function toColumn(entity: string, member: string, schema: unknown): Column {
  const place = `member "${member}" of entity "${entity}"`;
  if (!NAME.test(member) || member.toLowerCase() === 'version') {
    const reason = 'use 1 to 48 characters of A-Z a-z 0-9 _, starting with a letter; "version" is taken by the stores';
    throw new StorageError('INVALID', `The ${place} cannot be a column: ${reason}.`);
  }
  let inner = schema;
  const wrappers = new Set<'absent' | 'null'>();
  for (;;) {
    if (inner instanceof z.ZodOptional) {
      wrappers.add('absent');
    } else if (inner instanceof z.ZodNullable) {
      wrappers.add('null');
    } else if (!(inner instanceof z.ZodDefault) && !(inner instanceof z.ZodReadonly)) {
      break;
    }
    inner = inner.unwrap();
  }
  if (wrappers.size > 1) {
    throw new StorageError('INVALID', `The ${place} is optional and nullable; a column has only one empty value.`);
  }
  const [empty = 'never'] = wrappers;
  const type = toColumnType(inner);
  if (type === 'json') {
    checkStorable(inner, `${entity}.${member}`);
  }
  return { name: member, type, empty };
}

function toColumnType(schema: unknown): ColumnType {
  if (schema instanceof z.ZodString || schema instanceof z.ZodStringFormat || schema instanceof z.ZodEnum) {
    return 'text';
  }
  if (schema instanceof z.ZodNumber) {
    return schema.isInt ? 'integer' : 'double';
  }
  if (schema instanceof z.ZodBoolean) {
    return 'boolean';
  }
  return schema instanceof z.ZodDate ? 'timestamp' : 'json';
}
