import { StorageError } from '@sorcha/storage';
import { type Kysely, type RawBuilder, sql } from 'kysely';
import { lostTable, refuseTable } from '../../schema/refuse-table.ts';
import type { SqliteDatabase } from '../open-database.ts';
import { createSchemaRecords, readSchemaRecords, writeSchemaRecord } from '../schema/schema-records.ts';

/** One row of a write-once table. */
export interface WormRow {
  readonly stream: string;
  readonly sequence: number;
  /** The exact text of the document. */
  readonly text: string;
  readonly sha256: string;
  /** Milliseconds since 1970-01-01T00:00:00Z. */
  readonly sealed_at: number;
}

/** All write-once tables of a file, by name. */
export type WormTables = Record<string, WormRow>;

/** What a trigger of a write-once table refuses. */
export type Guarded = 'insert' | 'update' | 'delete';

/** The statements that make a write-once table. */
export interface WormTable {
  readonly name: string;
  /** Exactly as SQLite keeps it in its schema. */
  readonly createSql: string;
  readonly triggers: readonly { readonly name: string; readonly guards: Guarded; readonly createSql: string }[];
}

/**
 * The table of the write-once documents `name`. It has no row id, because REPLACE by row id would pass the triggers. A
 * refused REPLACE by key is an insert at a sequence that is taken.
 */
export function describeWormTable(name: string): WormTable {
  const table = `worm_${name}`;
  const columns = 'stream TEXT NOT NULL, sequence INTEGER NOT NULL, text TEXT NOT NULL, sha256 TEXT NOT NULL';
  const next = `(SELECT coalesce(max(sequence), -1) + 1 FROM ${table} WHERE stream = NEW.stream)`;
  const trigger = (guards: Guarded, condition: string, code: string) => ({
    name: `${table}_${guards}`,
    guards,
    createSql:
      `CREATE TRIGGER ${table}_${guards} BEFORE ${guards.toUpperCase()} ON ${table}${condition} ` +
      `BEGIN SELECT RAISE(ABORT, '${code}'); END`,
  });
  return {
    name: table,
    createSql:
      `CREATE TABLE ${table} (${columns}, sealed_at INTEGER NOT NULL, ` +
      'PRIMARY KEY (stream, sequence)) STRICT, WITHOUT ROWID',
    triggers: [
      trigger('insert', ` WHEN NEW.sequence IS NOT ${next}`, 'SEQUENCE_CONFLICT'),
      trigger('update', '', 'IMMUTABLE'),
      trigger('delete', '', 'IMMUTABLE'),
    ],
  };
}

/**
 * Makes sure that the table is there with its triggers and nothing else; lost or changed triggers are put back. The table itself
 * is made once: when the file records that it was, and it is gone, its records are lost.
 *
 * @throws StorageError `INCOMPATIBLE_SERVER` when the table has another shape, or was never made and cannot be; `CORRUPTED`
 * when it is lost.
 */
export async function prepareWormTable(database: SqliteDatabase<WormTables>, table: WormTable): Promise<void> {
  const { file } = database;
  const plan = await database.snapshot(async (db) => planWormTable(db, database, table));
  if (database.isReadOnly && !plan.isThere) {
    const advice = 'check the name of the definition, or open the file for writing once';
    throw new StorageError('INCOMPATIBLE_SERVER', `The database "${file}" has no table "${table.name}": ${advice}.`);
  }
  if (database.isReadOnly || (plan.isRecorded && plan.statements.length === 0)) {
    return;
  }
  await database.write(async (db) => {
    // Others may have prepared the file meanwhile.
    const { statements } = await planWormTable(db, database, table);
    await createSchemaRecords(db);
    await writeSchemaRecord(db, table.name, { declaration: '{}', shape: table.createSql });
    for (const statement of statements) {
      await statement.execute(db);
    }
  });
}

interface WormPlan {
  readonly isThere: boolean;
  readonly isRecorded: boolean;
  readonly statements: readonly RawBuilder<unknown>[];
}

async function planWormTable(
  db: Kysely<WormTables>,
  { file, isReadOnly }: Pick<SqliteDatabase<WormTables>, 'file' | 'isReadOnly'>,
  table: WormTable,
): Promise<WormPlan> {
  const found = await readSchema(db, table);
  const createSql = found.get(table.name);
  // To a table that is only read the record of it adds nothing, so damage to that takes none of its records away.
  const isRecorded = (isReadOnly && createSql === table.createSql) || (await readSchemaRecords(db)).has(table.name);
  if (createSql === undefined && isRecorded) {
    throw lostTable({ home: file, table: table.name });
  }
  if (createSql !== undefined && createSql !== table.createSql) {
    throw refuseTable(
      { home: file, table: table.name },
      'has another shape; another version of this software made it, use that one',
    );
  }
  const statements = [...dropForeign(found, table), ...createMissing(found, table)];
  return { isThere: createSql !== undefined, isRecorded, statements };
}

/** Creates what of the table is absent, or for triggers changed, in the order in which it can be created. */
function createMissing(found: Schema, table: WormTable): RawBuilder<unknown>[] {
  const missing = table.triggers.filter(({ name, createSql }) => found.get(name) !== createSql);
  return [
    ...(found.has(table.name) ? [] : [sql.raw(table.createSql)]),
    ...missing.flatMap(({ name, createSql }) => [sql`drop trigger if exists ${sql.id(name)}`, sql.raw(createSql)]),
  ];
}

/** Removes triggers and indexes on the table that are not ours: they would take part in every append, and indexes in every read. */
function dropForeign(found: Schema, table: WormTable): RawBuilder<unknown>[] {
  const own = new Set([table.name, ...table.triggers.map(({ name }) => name)]);
  const foreign = [...found].filter(([name]) => !own.has(name));
  return foreign.map(([name, createSql]) =>
    /^create trigger/i.test(createSql) ? sql`drop trigger ${sql.id(name)}` : sql`drop index ${sql.id(name)}`,
  );
}

/** The statements of the table and of what belongs to it, by name. */
type Schema = ReadonlyMap<string, string>;

async function readSchema(db: Kysely<WormTables>, table: WormTable): Promise<Schema> {
  const { rows } = await sql<{ name: string; sql: string }>`
    select name, sql from sqlite_schema where tbl_name = ${table.name} collate nocase and sql is not null`.execute(db);
  return new Map(rows.map((row) => [row.name, row.sql]));
}
