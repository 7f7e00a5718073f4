import type { TablePlace } from '../../schema/refuse-table.ts';

/** What a definition needs in a file: a table, what belongs to it, and its indexes. */
export interface DeclaredTable {
  /** The table, by which its record in the file is found. */
  readonly name: string;
  /** The names of all tables that belong to it, its own included. */
  readonly tables: readonly string[];
  /** What the file keeps of the definition and compares at each open: JSON. */
  readonly declaration: unknown;
  /** The statements that create the tables, with everything that data is checked by. */
  readonly createSql: readonly string[];
  /** Indexes that only make searches fast; exactly as SQLite keeps them in its schema. */
  readonly indexes: readonly { readonly name: string; readonly createSql: string }[];
  /**
   * The statements that bring a table of another declaration to this one; none when they are the same.
   *
   * @throws StorageError `INCOMPATIBLE_SERVER` when it takes more than adding a column that may be empty.
   */
  change(recorded: unknown, place: TablePlace): readonly string[];
}
