import type { TablePlace } from '../../schema/refuse-table.ts';
import type { FoundTables } from './read-found-tables.ts';

/** What a definition needs in a schema: a table, what belongs to it, and its indexes. Statements come for one schema. */
export interface DeclaredTable {
  /** The table, by which its record in the schema is found. */
  readonly name: string;
  /** The names of all tables that belong to it, its own included. */
  readonly tables: readonly string[];
  /** What the schema keeps of the definition and compares at each open: JSON. */
  readonly declaration: unknown;
  /** The statements that create the tables, with everything that data is checked by. */
  createSql(schema: string): readonly string[];
  /** Indexes that only make searches fast. A name stands for one definition, so what is there under it fits. */
  readonly indexes: readonly { readonly name: string; createSql(schema: string): string }[];
  /**
   * The statements that bring tables of another declaration to this one; none when they are the same.
   *
   * @throws StorageError `INCOMPATIBLE_SERVER` when it takes more than adding a column that may be empty.
   */
  change(recorded: unknown, place: TablePlace, schema: string): readonly string[];
  /**
   * The declaration that tables have after a migration has changed them.
   *
   * @throws StorageError `INCOMPATIBLE_SERVER` when no declaration describes them.
   */
  describeFound(recorded: unknown, found: FoundTables, place: TablePlace): unknown;
}
