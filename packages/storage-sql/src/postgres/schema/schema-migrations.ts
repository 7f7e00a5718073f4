import { createHash } from 'node:crypto';
import { StorageError } from '@sorcha/storage';
import { z } from 'zod';
import { quoteName } from '../../schema/quote-name.ts';
import type { PostgresConnection } from '../connection/postgres-connection.ts';
import { toStatement } from '../connection/postgres-database.ts';

/** A change of tables or rows that cannot be derived from the declarations. */
export interface SchemaMigration {
  /** Names it for ever: 1 to 100 characters. */
  readonly name: string;
  /**
   * Statements of SQL, divided by semicolons; `{schema}` stands for the schema, so that they can run for each tenant. They run in
   * a transaction, which they must not end, and also in a schema whose tables were just made: `add column if not exists`.
   */
  readonly up: string;
}

/** The table in which a schema keeps the migrations that it went through. */
export const MIGRATIONS_TABLE = 'sorcha_migrations';

/** A migration that a schema went through. */
export interface MigrationRecord {
  readonly name: string;
  readonly checksum: string;
}

/** Checks the list of migrations. `INVALID` names the one that is wrong. */
export function checkMigrations(migrations: readonly SchemaMigration[]): void {
  const names = new Set<string>();
  for (const { name, up } of migrations) {
    if (typeof name !== 'string' || name.length < 1 || name.length > 100 || typeof up !== 'string' || up === '') {
      throw new StorageError('INVALID', `The migration ${JSON.stringify(name)} needs a name and statements.`);
    }
    if (names.has(name)) {
      throw new StorageError('INVALID', `Two migrations are called "${name}"; name them apart.`);
    }
    names.add(name);
  }
}

/**
 * The migrations that a schema has not gone through: those that come after the ones it has.
 *
 * @throws StorageError `INCOMPATIBLE_SERVER` when the list does not begin with exactly those.
 */
export function listPendingMigrations(
  recorded: readonly MigrationRecord[],
  migrations: readonly SchemaMigration[],
  place: string,
): readonly SchemaMigration[] {
  for (const [index, { name, checksum }] of recorded.entries()) {
    const declared = migrations[index];
    if (declared?.name !== name) {
      const advice = 'keep the list as it was and add at its end, or use the newer software that made it';
      const found = declared === undefined ? 'the list ends before it' : `the list has "${declared.name}" there`;
      throw refuse(place, `went through the migration "${name}" as number ${index + 1}, but ${found}: ${advice}`);
    }
    if (toChecksum(declared) !== checksum) {
      throw refuse(place, `went through another text of the migration "${name}": restore it, and add a new one`);
    }
  }
  return migrations.slice(recorded.length);
}

/** Reads the migrations that a schema went through, in their order. */
export async function readMigrations(connection: PostgresConnection, schema: string): Promise<MigrationRecord[]> {
  const { rows } = await connection.run(
    toStatement(`select name, checksum from ${quoteName(schema)}.${MIGRATIONS_TABLE} order by position`),
  );
  return z.array(z.object({ name: z.string(), checksum: z.string() })).parse(rows);
}

/** Runs migrations in a transaction that is open, and notes them. `INVALID` names the one that failed. */
export async function runMigrations(
  connection: PostgresConnection,
  schema: string,
  pending: readonly SchemaMigration[],
  firstPosition: number,
): Promise<void> {
  for (const [index, migration] of pending.entries()) {
    const before = await readTransactionId(connection);
    // What they set for the session is not for others.
    connection.retire();
    try {
      await connection.run(toStatement(migration.up.replaceAll('{schema}', quoteName(schema))));
    } catch (cause) {
      if (cause instanceof StorageError && (cause.code === 'UNAVAILABLE' || cause.code === 'TIMEOUT')) {
        throw cause;
      }
      const reason = cause instanceof Error ? cause.message : String(cause);
      throw new StorageError('INVALID', `The migration "${migration.name}" failed and nothing was changed: ${reason}`, {
        cause,
      });
    }
    if ((await readTransactionId(connection)) !== before) {
      const advice = 'leave commit and rollback out; look at the schema, part of it may have stayed';
      throw new StorageError('INVALID', `The migration "${migration.name}" ends its transaction: ${advice}.`);
    }
    await connection.run({
      text: `insert into ${quoteName(schema)}.${MIGRATIONS_TABLE} (position, name, checksum) values ($1, $2, $3)`,
      values: [firstPosition + index, migration.name, toChecksum(migration)],
    });
  }
}

async function readTransactionId(connection: PostgresConnection): Promise<unknown> {
  const { rows } = await connection.run(toStatement('select pg_current_xact_id()::text as id'));
  return rows[0]?.['id'];
}

function toChecksum({ up }: SchemaMigration): string {
  return createHash('sha256').update(up).digest('hex');
}

function refuse(place: string, problem: string): StorageError {
  return new StorageError('INCOMPATIBLE_SERVER', `The ${place} ${problem}. Nothing was changed.`);
}
