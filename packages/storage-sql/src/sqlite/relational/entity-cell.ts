import type { Column, Operand } from '@sorcha/storage';
import { parseCell } from '../../rows/parse-cell.ts';
import type { Cell } from '../rows/session.ts';

/** The cell of a member that `toEntity` has checked. */
export function toCell(column: Column, member: unknown): Cell {
  if (member === undefined) {
    return null;
  }
  if (column.type === 'json') {
    return JSON.stringify(member);
  }
  return member === null ? null : toScalarCell(member);
}

/** The cell that a typed column holds when it equals the operand of a filter; `undefined` when it never does. */
export function toOperandCell({ type }: Column, operand: Operand): string | number | undefined {
  const isOfType =
    type === 'text'
      ? typeof operand === 'string'
      : type === 'boolean'
        ? typeof operand === 'boolean'
        : type === 'timestamp'
          ? operand instanceof Date
          : typeof operand === 'number';
  return isOfType ? toScalarCell(operand) : undefined;
}

/** The member that a cell stands for; `undefined` when it is absent. */
export function fromCell(column: Column, cell: unknown): unknown {
  if (cell === null || cell === undefined) {
    return column.empty === 'null' ? null : undefined;
  }
  switch (column.type) {
    case 'boolean':
      return cell !== 0;
    case 'timestamp':
      return new Date(Number(cell));
    case 'json':
      return parseCell(cell, column.name);
    case 'text':
    case 'integer':
    case 'double':
    default:
      return cell;
  }
}

function toScalarCell(value: unknown): string | number {
  if (typeof value === 'string' || typeof value === 'number') {
    return value;
  }
  if (typeof value === 'boolean') {
    return Number(value);
  }
  if (value instanceof Date) {
    return value.getTime();
  }
  throw new TypeError(`a value of type ${typeof value} has no cell`);
}
