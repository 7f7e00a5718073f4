import { StorageError } from '@sorcha/storage';
import { type Kysely, sql } from 'kysely';
import type { SqliteDatabase } from '../open-database.ts';

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
 * Makes sure that the table is there with its triggers and no others; lost or changed triggers are put back.
 *
 * @throws StorageError `INCOMPATIBLE_SERVER` when the table has another shape, or is absent and cannot be created.
 */
export async function prepareWormTable(database: SqliteDatabase<WormTables>, table: WormTable): Promise<void> {
  const found = await database.read(async (db) => readSchema(db, table));
  const isReady = listMissing(found, database.file, table).length === 0 && listForeign(found, table).length === 0;
  if (isReady || (database.isReadOnly && found.has(table.name))) {
    return;
  }
  if (database.isReadOnly) {
    const advice = 'check the name of the definition, or open the file for writing once';
    throw new StorageError(
      'INCOMPATIBLE_SERVER',
      `The database "${database.file}" has no table "${table.name}": ${advice}.`,
    );
  }
  await database.write(async (db) => {
    const existing = await readSchema(db, table);
    for (const name of listForeign(existing, table)) {
      await sql`drop trigger ${sql.id(name)}`.execute(db);
    }
    for (const { name, createSql, type } of listMissing(existing, database.file, table)) {
      if (type === 'trigger') {
        await sql`drop trigger if exists ${sql.id(name)}`.execute(db);
      }
      await sql.raw(createSql).execute(db);
    }
  });
}

/** What of the table is absent, or for triggers changed, in the order in which it can be created. */
function listMissing(existing: Schema, file: string, table: WormTable) {
  const found = existing.get(table.name);
  if (found !== undefined && found !== table.createSql) {
    const advice = 'another version of this software made it; use that one';
    throw new StorageError(
      'INCOMPATIBLE_SERVER',
      `The table "${table.name}" of "${file}" has another shape: ${advice}.`,
    );
  }
  const parts = [{ ...table, type: 'table' }, ...table.triggers.map((trigger) => ({ ...trigger, type: 'trigger' }))];
  return parts.filter(({ name, createSql }) => existing.get(name) !== createSql);
}

/** Triggers on the table that are not ours: they would run with every append. */
function listForeign(existing: Schema, table: WormTable): string[] {
  const own = new Set(table.triggers.map(({ name }) => name));
  return [...existing].flatMap(([name, createSql]) =>
    /^create trigger/i.test(createSql) && !own.has(name) ? [name] : [],
  );
}

/** The statements of the table and of what belongs to it, by name. */
type Schema = ReadonlyMap<string, string>;

async function readSchema(db: Kysely<WormTables>, table: WormTable): Promise<Schema> {
  const { rows } = await sql<{ name: string; sql: string }>`
    select name, sql from sqlite_schema where tbl_name = ${table.name} collate nocase and sql is not null`.execute(db);
  return new Map(rows.map((row) => [row.name, row.sql]));
}
