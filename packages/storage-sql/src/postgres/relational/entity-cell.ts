import { type Column, type Operand, StorageError } from '@sorcha/storage';
import { parseCell } from '../../rows/parse-cell.ts';
import { toTimestampText } from '../connection/postgres-types.ts';

/** The cell of a member that `toEntity` has checked. `INVALID` for a time that PostgreSQL cannot keep. */
export function toCell(column: Column, member: unknown): unknown {
  if (member === undefined) {
    return null;
  }
  if (column.type === 'json') {
    return JSON.stringify(member);
  }
  if (!(member instanceof Date)) {
    return member;
  }
  const text = toTimestampText(member);
  if (text === undefined) {
    const advice = 'PostgreSQL keeps none before 24 November 4714 BC';
    throw new StorageError('INVALID', `${column.name} is the time ${member.toISOString()}: ${advice}.`);
  }
  return text;
}

/** The member that a cell stands for; `undefined` when it is absent. `CORRUPTED` when it is no value of its column. */
export function fromCell(column: Column, cell: unknown): unknown {
  if (cell === null || cell === undefined) {
    return column.empty === 'null' ? null : undefined;
  }
  return column.type === 'json' ? parseCell(cell, column.name) : cell;
}

/** Says whether an operand is of the type of a column, so that a cell can equal it. */
export function isOfType({ type }: Column, operand: Operand): operand is string | number | boolean | Date {
  switch (type) {
    case 'text':
      return typeof operand === 'string';
    case 'boolean':
      return typeof operand === 'boolean';
    case 'timestamp':
      return operand instanceof Date;
    case 'integer':
    case 'double':
      return typeof operand === 'number';
    case 'json':
    default:
      return false;
  }
}
