import { StorageError } from '@sorcha/storage';

/** Which table of which file or schema a refusal is about. */
export interface TablePlace {
  readonly home: string;
  readonly table: string;
}

/** The error for a table that does not fit the definition; `problem` names what differs and what to do. */
export function refuseTable({ home, table }: TablePlace, problem: string): StorageError {
  return new StorageError('INCOMPATIBLE_SERVER', `The table "${table}" of "${home}" ${problem}. Nothing was changed.`);
}

/** The error for a table that was made and is gone: it is not made anew, because its rows are lost. */
export function lostTable({ home, table }: TablePlace): StorageError {
  const advice = 'another program removed it; restore it from a copy';
  return new StorageError('CORRUPTED', `The table "${table}" of "${home}" is missing: ${advice}. Nothing was changed.`);
}
