import type { CallOptions } from '@sorcha/storage';
import type { Kysely } from 'kysely';
import type { MatchFunction } from '../match-function.ts';

/** What a cell of a table holds. */
export type Cell = string | number | null;

/** One row, by column. */
export type CellRow = Record<string, Cell>;

/** The tables of a file, by name: which there are depends on the definitions. */
export type CellTables = Record<string, CellRow>;

/** What queries are run with. */
export interface Session {
  readonly db: Kysely<CellTables>;
  readonly match: MatchFunction;
}

/** Runs the calls of a store, on its file or in a transaction. */
export interface RunCalls {
  /** Runs one query; `whenAbsent` is the answer while there is no file. */
  read<T>(query: (session: Session) => Promise<T>, whenAbsent: T, options: CallOptions | undefined): Promise<T>;
  /** Runs several queries that see one moment. */
  snapshot<T>(queries: (session: Session) => Promise<T>, whenAbsent: T, options: CallOptions | undefined): Promise<T>;
  /** Runs `work` as a whole or not at all. */
  write<T>(work: (session: Session) => Promise<T>, options: CallOptions | undefined): Promise<T>;
}
