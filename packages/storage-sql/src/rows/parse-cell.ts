import { StorageError } from '@sorcha/storage';

/** Reads the JSON in a cell of a column. `CORRUPTED` when it is none. */
export function parseCell(cell: unknown, column: string): unknown {
  try {
    return JSON.parse(typeof cell === 'string' ? cell : '');
  } catch (cause) {
    const advice = 'restore the database from a copy';
    throw new StorageError('CORRUPTED', `A cell of column "${column}" is no JSON; ${advice}.`, { cause });
  }
}
