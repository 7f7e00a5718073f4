import { type Kysely, sql } from 'kysely';
import { quoteName } from '../../schema/quote-name.ts';
import { lostTable, refuseTable } from '../../schema/refuse-table.ts';
import type { SqliteDatabase } from '../open-database.ts';
import type { CellTables } from '../rows/session.ts';
import type { DeclaredTable } from './declared-table.ts';
import { createSchemaRecords, readSchemaRecords, type SchemaRecord, writeSchemaRecord } from './schema-records.ts';

/** What is to be done to one table. */
interface Plan {
  readonly table: DeclaredTable;
  /** Creates or changes the table; empty when it fits. */
  readonly statements: readonly string[];
  /** Puts indexes in place; a file that is only read does without. */
  readonly indexStatements: readonly string[];
}

/**
 * Makes sure that a file has the tables of all definitions, see docs/decisions/0008-sqlite-schema.md: creates what is absent,
 * adds columns that may be empty, refuses every other difference. All tables or none are changed.
 *
 * @throws StorageError `INCOMPATIBLE_SERVER` names the table, what differs and what to do; `CORRUPTED` names a table that is lost.
 */
export async function prepareTables(
  database: SqliteDatabase<CellTables>,
  tables: readonly DeclaredTable[],
): Promise<void> {
  const plans = await database.snapshot(async (db) => planAll(db, database.file, tables));
  if (database.isReadOnly) {
    const unfit = plans.find(({ statements }) => statements.length > 0);
    if (unfit !== undefined) {
      const place = { home: database.file, table: unfit.table.name };
      throw refuseTable(place, 'is absent or lacks a column of its definition; open the file for writing once');
    }
    return;
  }
  if (plans.some(({ statements, indexStatements }) => statements.length + indexStatements.length > 0)) {
    await database.write(async (db) => {
      // Others may have prepared the file meanwhile.
      await carryOut(db, await planAll(db, database.file, tables));
    });
  }
}

async function planAll(db: Kysely<CellTables>, file: string, tables: readonly DeclaredTable[]): Promise<Plan[]> {
  const records = await readSchemaRecords(db);
  const plans: Plan[] = [];
  for (const table of tables) {
    const found = await readParts(db, table.tables);
    plans.push({
      table,
      statements: planTable(table, { file, record: records.get(table.name), shape: toShape(found) }),
      indexStatements: planIndexes(table, found),
    });
  }
  return plans;
}

function planTable(
  table: DeclaredTable,
  found: { readonly file: string; readonly record: SchemaRecord | undefined; readonly shape: string },
): readonly string[] {
  const place = { home: found.file, table: table.name };
  const isAbsent = found.shape === toShape([]);
  if (found.record === undefined) {
    if (isAbsent) {
      return table.createSql;
    }
    throw refuseTable(place, 'was not made by this software; name another file, or rename that table');
  }
  if (isAbsent) {
    throw lostTable(place);
  }
  if (found.shape !== found.record.shape) {
    throw refuseTable(place, 'was changed by another program; restore the file from a copy');
  }
  return table.change(JSON.parse(found.record.declaration), place);
}

function planIndexes(table: DeclaredTable, found: readonly Part[]): string[] {
  const byName = new Map(found.map(({ name, sql: text }) => [name, text]));
  return table.indexes
    .filter(({ name, createSql }) => byName.get(name) !== createSql)
    .flatMap(({ name, createSql }) => (byName.has(name) ? [`DROP INDEX ${quoteName(name)}`, createSql] : [createSql]));
}

async function carryOut(db: Kysely<CellTables>, plans: readonly Plan[]): Promise<void> {
  await createSchemaRecords(db);
  for (const { table, statements, indexStatements } of plans) {
    for (const statement of [...statements, ...indexStatements]) {
      await sql.raw(statement).execute(db);
    }
    if (statements.length > 0) {
      const declaration = JSON.stringify(table.declaration);
      const shape = toShape(await readParts(db, table.tables));
      await writeSchemaRecord(db, table.name, { declaration, shape });
    }
  }
}

/** A table, index or trigger of the file. */
interface Part {
  readonly type: string;
  readonly name: string;
  readonly sql: string;
}

async function readParts(db: Kysely<CellTables>, tables: readonly string[]): Promise<Part[]> {
  const { rows } = await sql<Part>`
    select type, name, sql from sqlite_schema
    where tbl_name in (${sql.join(tables)}) and sql is not null order by type, name`.execute(db);
  return rows;
}

/** Everything that decides what the tables accept: all parts but the plain indexes. */
function toShape(parts: readonly Part[]): string {
  return JSON.stringify(
    parts
      .filter(({ type, sql: text }) => !(type === 'index' && text.startsWith('CREATE INDEX ')))
      .map(({ type, name, sql: text }) => [type, name, text]),
  );
}
