import type { RelationalStore } from '@sorcha/storage';
import { requireOption, waitWithSignal } from '@sorcha/storage/provider';
import { type AnyEntity, checkEntities } from '../../schema/entity-declaration.ts';
import { openSpaces } from '../../transactions/open-spaces.ts';
import { readSqlState } from '../connection/map-postgres-error.ts';
import { openPostgresDatabase } from '../connection/postgres-database.ts';
import type { PostgresOptions } from '../connection/postgres-options.ts';
import { hasSchema, prepareSchema } from '../schema/prepare-schema.ts';
import { checkMigrations, type SchemaMigration } from '../schema/schema-migrations.ts';
import { toTenantSchema } from '../schema/schema-names.ts';
import { createStatementCache } from '../statements/statement-cache.ts';
import { createPostgresSpaceStore } from './create-postgres-space-store.ts';
import { describeEntityTable } from './entity-table.ts';
import { createTenantSchemas } from './tenant-schemas.ts';

/** Options of {@link openPostgresRelationalStore}. */
export interface PostgresRelationalOptions extends PostgresOptions {
  readonly entities: readonly AnyEntity[];
  /** Changes that cannot be derived from the entities, in their order; only ever add to the end. Default none. */
  readonly migrations?: readonly SchemaMigration[];
}

/**
 * Opens the relational store of some entities in a PostgreSQL database, from version 14 on. Their tables are in the schema that the
 * options name, which other stores may share; those of each tenant in a schema of its own, `<schema>:<id>`, created by its first
 * write or transaction.
 *
 * Transactions are serializable; one that got in the way of another is run again up to five times, and `work` with it, so work must do
 * nothing that may not happen twice but through the store that it is given. It must not use the store from outside
 * (`INVALID`); other stores and tenants take a second connection, for which a pool of one waits in vain (`TIMEOUT`). A call by itself is one
 * statement and sees what was committed when it began. A signal that fires has the server end the statement.
 *
 * @throws StorageError `INVALID`, `UNAVAILABLE`, `INCOMPATIBLE_SERVER` for an older server, another encoding or tables that do
 * not fit the entities (docs/decisions/0012-postgresql.md).
 */
export async function openPostgresRelationalStore(options: PostgresRelationalOptions): Promise<RelationalStore> {
  const { entities, migrations = [], ...databaseOptions } = requireOption(options, 'entities');
  checkMigrations(migrations);
  const tables = checkEntities(entities).map(describeEntityTable);
  const database = await openPostgresDatabase(databaseOptions);
  const prepare = async (schema: string) => prepareSchema(database, { schema, tables, migrations });
  const tenants = createTenantSchemas({ isPresent: async (schema) => hasSchema(database, schema), prepare });
  try {
    await prepare(database.schema);
  } catch (error) {
    await database.close();
    throw error;
  }
  const known = new Set<unknown>(entities);
  const parts = { entities: known, database, statements: createStatementCache() };
  return openSpaces(
    (space) => {
      const { tenant } = space.space;
      if (tenant === undefined) {
        const { schema } = database;
        return createPostgresSpaceStore(space, { ...parts, schema, prepare: () => true, onError: () => undefined });
      }
      const schema = toTenantSchema(database.schema, tenant);
      return createPostgresSpaceStore(space, {
        ...parts,
        schema,
        prepare: (purpose, call) =>
          tenants.isPrepared(schema) || waitWithSignal(tenants.prepare(schema, purpose), call?.signal),
        onError: (error) => {
          if (isMissingTable(error)) {
            tenants.forget(schema);
          }
        },
      });
    },
    async () => database.close(),
  );
}

/** Says whether a schema or table was removed behind the store's back. */
function isMissingTable(error: unknown): boolean {
  const state = readSqlState(error);
  return state === '3F000' || state === '42P01';
}
