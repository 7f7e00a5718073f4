import { createHash } from 'node:crypto';
import { z } from 'zod';
import { quoteName } from '../../schema/quote-name.ts';
import { lostTable, refuseTable } from '../../schema/refuse-table.ts';
import type { PostgresConnection } from '../connection/postgres-connection.ts';
import { type PostgresDatabase, toStatement } from '../connection/postgres-database.ts';
import type { DeclaredTable } from './declared-table.ts';
import { ABSENT_SHAPE, type FoundTables, readFoundTables } from './read-found-tables.ts';
import {
  listPendingMigrations,
  MIGRATIONS_TABLE,
  type MigrationRecord,
  readMigrations,
  runMigrations,
  type SchemaMigration,
} from './schema-migrations.ts';

/** The table in which a schema keeps the definitions that it was made for. */
export const RECORDS_TABLE = 'sorcha_schema';

/** How long preparing may wait for others that prepare, and how long one of its statements may run. */
const PREPARE_TIMEOUT_MS = 300_000;

/** A schema that is to have the tables of some definitions. */
export interface DeclaredSchema {
  readonly schema: string;
  readonly tables: readonly DeclaredTable[];
  /** Absent where somebody else looks after them. */
  readonly migrations: readonly SchemaMigration[] | undefined;
}

/** What was found of a schema. */
interface SchemaState {
  readonly hasSchema: boolean;
  readonly hasRecords: boolean;
  readonly records: ReadonlyMap<string, TableRecord>;
  readonly migrations: readonly MigrationRecord[];
  readonly found: ReadonlyMap<DeclaredTable, FoundTables>;
}

interface TableRecord {
  readonly declaration: string;
  readonly shape: string;
}

/** What is to be done to one table. */
interface Plan {
  readonly table: DeclaredTable;
  /** Creates or changes the table; empty when it fits. */
  readonly statements: readonly string[];
  readonly indexStatements: readonly string[];
}

/** Says whether a schema is there. */
export async function hasSchema(database: PostgresDatabase, schema: string): Promise<boolean> {
  const text = 'select exists (select from pg_namespace where nspname = $1) as found';
  const { rows } = await database.use(async (connection) => connection.run({ text, values: [schema] }));
  return rows[0]?.['found'] === true;
}

/**
 * Makes sure that a schema has the tables of all definitions and went through all migrations: creates what is absent, adds columns
 * that may be empty, refuses every other difference (docs/decisions/0012-postgresql.md). All of it is done or nothing. Others that
 * prepare the same schema wait; when nothing is to be done, no right but to read is needed.
 *
 * @throws StorageError `INCOMPATIBLE_SERVER` names the table or migration, what differs and what to do; `CORRUPTED` names a table
 * that is lost, `INVALID` a migration that failed.
 */
export async function prepareSchema(database: PostgresDatabase, declared: DeclaredSchema): Promise<void> {
  const place = `schema "${declared.schema}" of ${database.place}`;
  const isReady = await database.transact('repeatable read read only', async (connection) => {
    const state = await readState(connection, declared);
    const pending = listPending(state, declared, place);
    return state.hasRecords && pending.length === 0 && planAll(state, declared, place).every(isDone);
  });
  if (!isReady) {
    await database.transact('read committed', async (connection) => {
      await carryOut(await lockSchema(connection, declared.schema), declared, place);
    });
  }
}

function listPending(state: SchemaState, { migrations }: DeclaredSchema, place: string): readonly SchemaMigration[] {
  return migrations === undefined ? [] : listPendingMigrations(state.migrations, migrations, place);
}

function isDone({ statements, indexStatements }: Plan): boolean {
  return statements.length + indexStatements.length === 0;
}

/**
 * Waits until nobody else changes a schema, for the rest of a transaction, and returns the connection as it is to be used until
 * then: statements may take long.
 */
export async function lockSchema(connection: PostgresConnection, schema: string): Promise<PostgresConnection> {
  const timeout = String(PREPARE_TIMEOUT_MS);
  const patient: PostgresConnection = {
    ...connection,
    run: async (statement) => connection.run(statement, { answerTimeoutMs: PREPARE_TIMEOUT_MS + 5_000 }),
  };
  await patient.run({ text: "select set_config('statement_timeout', $1, true)", values: [timeout] });
  await patient.run({ text: 'select pg_advisory_xact_lock($1)', values: [toLockKey(schema)] });
  return patient;
}

/** Says whether a schema was made with a table. */
export async function hasRecord(connection: PostgresConnection, schema: string, table: string): Promise<boolean> {
  const { hasRecords } = await readFacts(connection, schema);
  return hasRecords && (await readRecords(connection, schema)).has(table);
}

/** A number that all who prepare a schema agree on. */
function toLockKey(schema: string): string {
  return String(createHash('sha256').update(`sorcha schema ${schema}`).digest().readBigInt64BE());
}

async function carryOut(connection: PostgresConnection, declared: DeclaredSchema, place: string): Promise<void> {
  const { schema } = declared;
  const run = async (statements: readonly string[]) => {
    for (const statement of statements) {
      await connection.run(toStatement(statement));
    }
  };
  // Others may have prepared the schema meanwhile.
  const before = await readState(connection, declared);
  const pending = listPending(before, declared, place);
  if (!before.hasSchema) {
    await run([`create schema ${quoteName(schema)}`]);
  }
  if (!before.hasRecords) {
    await run(describeRecordTables(schema));
  }
  if (!declared.tables.some(({ name }) => before.records.has(name))) {
    await carryOutPlans(connection, declared, planAll(before, declared, place), run);
  }
  if (pending.length > 0) {
    requireUntouched(before, place);
    await runMigrations(connection, schema, pending, before.migrations.length);
    await adoptChanges(connection, declared, place);
  }
  const after = await readState(connection, declared);
  await carryOutPlans(connection, declared, planAll(after, declared, place), run);
}

function describeRecordTables(schema: string): readonly string[] {
  const at = quoteName(schema);
  return [
    `create table ${at}.${RECORDS_TABLE} (name text collate "C" primary key, declaration text not null, shape text not null)`,
    `create table ${at}.${MIGRATIONS_TABLE} (position integer primary key, name text not null unique, ` +
      'checksum text not null, applied_at timestamptz not null default now())',
  ];
}

async function carryOutPlans(
  connection: PostgresConnection,
  declared: DeclaredSchema,
  plans: readonly Plan[],
  run: (statements: readonly string[]) => Promise<void>,
): Promise<void> {
  for (const { table, statements, indexStatements } of plans) {
    await run([...statements, ...indexStatements]);
    if (statements.length > 0) {
      const { shape } = await readFoundTables(connection, declared.schema, table.tables);
      await writeRecord(connection, declared.schema, table.name, table.declaration, shape);
    }
  }
}

/** Before a migration runs, the tables must be as they were left, or it is not known what it changes. */
function requireUntouched(state: SchemaState, place: string): void {
  for (const [table, { shape }] of state.found) {
    const record = state.records.get(table.name);
    if (record !== undefined && record.shape !== shape) {
      throw refuseTouched(table.name, place, shape);
    }
  }
}

/** Notes how the tables are after migrations, as far as a declaration describes them. */
async function adoptChanges(connection: PostgresConnection, declared: DeclaredSchema, place: string): Promise<void> {
  const state = await readState(connection, declared);
  for (const [table, found] of state.found) {
    const record = state.records.get(table.name);
    if (record !== undefined && record.shape !== found.shape) {
      const recorded: unknown = JSON.parse(record.declaration);
      const declaration = table.describeFound(recorded, found, { home: place, table: table.name });
      await writeRecord(connection, declared.schema, table.name, declaration, found.shape);
    }
  }
}

async function writeRecord(
  connection: PostgresConnection,
  schema: string,
  name: string,
  declaration: unknown,
  shape: string,
): Promise<void> {
  const text =
    `insert into ${quoteName(schema)}.${RECORDS_TABLE} (name, declaration, shape) values ($1, $2, $3) ` +
    'on conflict (name) do update set declaration = excluded.declaration, shape = excluded.shape';
  await connection.run({ text, values: [name, JSON.stringify(declaration), shape] });
}

function planAll(state: SchemaState, { schema, tables }: DeclaredSchema, place: string): Plan[] {
  return tables.map((table) => {
    const { parts, shape } = state.found.get(table) ?? { parts: [], shape: ABSENT_SHAPE };
    const names = new Set(parts.map(({ name }) => name));
    return {
      table,
      statements: planTable(table, { place, schema, record: state.records.get(table.name), shape }),
      indexStatements: table.indexes.filter(({ name }) => !names.has(name)).map((index) => index.createSql(schema)),
    };
  });
}

function planTable(
  table: DeclaredTable,
  found: {
    readonly place: string;
    readonly schema: string;
    readonly record: TableRecord | undefined;
    readonly shape: string;
  },
): readonly string[] {
  const place = { home: found.place, table: table.name };
  if (found.record === undefined) {
    if (found.shape === ABSENT_SHAPE) {
      return table.createSql(found.schema);
    }
    throw refuseTable(place, 'was not made by this software; name another schema, or rename that table');
  }
  if (found.shape !== found.record.shape) {
    throw refuseTouched(table.name, found.place, found.shape);
  }
  return table.change(JSON.parse(found.record.declaration), place, found.schema);
}

function refuseTouched(table: string, place: string, shape: string) {
  return shape === ABSENT_SHAPE
    ? lostTable({ home: place, table })
    : refuseTable({ home: place, table }, 'was changed by another program; undo that, and use a migration instead');
}

async function readFacts(
  connection: PostgresConnection,
  schema: string,
): Promise<Pick<SchemaState, 'hasSchema' | 'hasRecords'>> {
  const text = `select exists (select from pg_namespace where nspname = $1) as "hasSchema",
    exists (select from pg_class c join pg_namespace n on n.oid = c.relnamespace
      where n.nspname = $1 and c.relname = $2) as "hasRecords"`;
  const { rows } = await connection.run({ text, values: [schema, RECORDS_TABLE] });
  return z.tuple([z.object({ hasSchema: z.boolean(), hasRecords: z.boolean() })]).parse(rows)[0];
}

async function readState(connection: PostgresConnection, { schema, tables }: DeclaredSchema): Promise<SchemaState> {
  const facts = await readFacts(connection, schema);
  const found = new Map<DeclaredTable, FoundTables>();
  for (const table of tables) {
    found.set(table, await readFoundTables(connection, schema, table.tables));
  }
  return {
    ...facts,
    found,
    records: facts.hasRecords ? await readRecords(connection, schema) : new Map(),
    migrations: facts.hasRecords ? await readMigrations(connection, schema) : [],
  };
}

async function readRecords(connection: PostgresConnection, schema: string): Promise<ReadonlyMap<string, TableRecord>> {
  const { rows } = await connection.run(
    toStatement(`select name, declaration, shape from ${quoteName(schema)}.${RECORDS_TABLE}`),
  );
  const records = z.array(z.object({ name: z.string(), declaration: z.string(), shape: z.string() })).parse(rows);
  return new Map(records.map((record) => [record.name, record]));
}
