import { StorageError, type WormDefinition } from '@sorcha/storage';
import { requireOption } from '@sorcha/storage/provider';
import { quoteName } from '../../schema/quote-name.ts';
import type { PostgresConnection } from '../connection/postgres-connection.ts';
import { openPostgresDatabase, type PostgresDatabase, toStatement } from '../connection/postgres-database.ts';
import type { PostgresOptions } from '../connection/postgres-options.ts';
import { hasRecord, lockSchema, prepareSchema, RECORDS_TABLE } from '../schema/prepare-schema.ts';
import { MIGRATIONS_TABLE } from '../schema/schema-migrations.ts';
import { describeGuards, describeOwnership, describeWormTable, toWormNames, type WormNames } from './worm-table.ts';

/** Options of {@link createPostgresWormTable}: how its owner connects, and who is to use it. */
export interface PostgresWormTableOptions<D> extends PostgresOptions {
  readonly definition: WormDefinition<D>;
  /** The user of `openPostgresWormStore`, which must exist. It may read and append, and nothing else with this table. */
  readonly serviceRole: string;
}

/**
 * Creates the table of a write-once store as its owner, and grants another user to use it: so that this user cannot remove what
 * refuses changes, and `health` of the store that it opens reports enforcement by the `database`. On a table that is there it puts
 * functions, triggers and rights back.
 *
 * @throws StorageError `INVALID` when the owner is to be the user, `UNAVAILABLE` also when a right or the user is missing,
 * `INCOMPATIBLE_SERVER` when more than functions, triggers and rights was changed, `CORRUPTED` for a table that is lost.
 */
export async function createPostgresWormTable<D>(options: PostgresWormTableOptions<D>): Promise<void> {
  const { definition, serviceRole, ...databaseOptions } = requireOption(options, 'definition');
  const database = await openPostgresDatabase(databaseOptions);
  try {
    const { schema } = database;
    const names = toWormNames(definition.name);
    await database.transact('read committed', async (connection) => {
      const patient = await lockSchema(connection, schema);
      if (await hasRecord(patient, schema, names.table)) {
        await runAll(patient, describeGuards(schema, names));
      }
    });
    await prepareSchema(database, { schema, tables: [describeWormTable(definition.name)], migrations: undefined });
    await database.transact('read committed', async (connection) => {
      await requireOther(connection, database, names, serviceRole);
      await runAll(connection, describeRights(schema, names, quoteName(serviceRole)));
    });
  } finally {
    await database.close();
  }
}

async function runAll(connection: PostgresConnection, statements: readonly string[]): Promise<void> {
  for (const statement of statements) {
    await connection.run(toStatement(statement));
  }
}

async function requireOther(
  connection: PostgresConnection,
  { schema, place }: PostgresDatabase,
  { table }: WormNames,
  role: string,
): Promise<void> {
  const text = `select ${describeOwnership('r.oid')} as "isOwner"
    from pg_roles r, pg_class c join pg_namespace n on n.oid = c.relnamespace
    where r.rolname = $1 and n.nspname = $2 and c.relname = $3`;
  const { rows } = await connection.run({ text, values: [role, schema, table] });
  if (rows[0] === undefined) {
    throw new StorageError('UNAVAILABLE', `There is no user "${role}" in ${place}; create it first.`);
  }
  if (rows[0]['isOwner'] === true) {
    const advice = 'name one that is no superuser and owns none of them';
    throw new StorageError(
      'INVALID',
      `The user "${role}" could remove the table "${table}", its schema or the database: ${advice}.`,
    );
  }
}

function describeRights(
  schema: string,
  { table, partitions, refuse, follow }: WormNames,
  role: string,
): readonly string[] {
  const at = (name: string) => `${quoteName(schema)}.${quoteName(name)}`;
  const tables = [table, ...partitions].map(at).join(', ');
  const records = [RECORDS_TABLE, MIGRATIONS_TABLE].map(at).join(', ');
  return [
    `revoke all on table ${tables} from public, ${role}`,
    `revoke all on function ${at(refuse)}(), ${at(follow)}() from public, ${role}`,
    `revoke create on schema ${quoteName(schema)} from ${role}`,
    `grant usage on schema ${quoteName(schema)} to ${role}`,
    `grant select, insert on table ${at(table)} to ${role}`,
    `grant select on table ${records} to ${role}`,
  ];
}
