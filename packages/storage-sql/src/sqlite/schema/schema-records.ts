import { type QueryExecutorProvider, sql } from 'kysely';

/** The table in which a file keeps the definitions that it was made for. */
export const SCHEMA_RECORDS = 'sorcha_schema';

const CREATE =
  `CREATE TABLE IF NOT EXISTS ${SCHEMA_RECORDS} ` +
  '(name TEXT PRIMARY KEY NOT NULL, declaration TEXT NOT NULL, shape TEXT NOT NULL) STRICT';

/** What a file keeps of one definition, so that a table that was lost or changed is told from one that never was. */
export interface SchemaRecord {
  /** The definition, as JSON. */
  readonly declaration: string;
  /** What decides what the table accepts, as SQLite keeps it. */
  readonly shape: string;
}

/** The records of a file, by the name of the table; none while the file is new. */
export async function readSchemaRecords(db: QueryExecutorProvider): Promise<ReadonlyMap<string, SchemaRecord>> {
  const { rows: tables } = await sql`
    select 1 from sqlite_schema where type = 'table' and name = ${SCHEMA_RECORDS}`.execute(db);
  if (tables.length === 0) {
    return new Map();
  }
  const { rows } = await sql<SchemaRecord & { name: string }>`
    select name, declaration, shape from ${sql.table(SCHEMA_RECORDS)}`.execute(db);
  return new Map(rows.map((row) => [row.name, row]));
}

/** Makes sure that records can be written. */
export async function createSchemaRecords(db: QueryExecutorProvider): Promise<void> {
  await sql.raw(CREATE).execute(db);
}

/** Keeps the record of a table, in the place of an older one. */
export async function writeSchemaRecord(db: QueryExecutorProvider, name: string, record: SchemaRecord): Promise<void> {
  await sql`
    replace into ${sql.table(SCHEMA_RECORDS)} (name, declaration, shape)
    values (${name}, ${record.declaration}, ${record.shape})`.execute(db);
}
