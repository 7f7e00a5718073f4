import type { RelationalStore } from '@sorcha/storage';
import { checkWholeNumber, requireOption } from '@sorcha/storage/provider';
import { type AnyEntity, checkEntities } from '../../schema/entity-declaration.ts';
import { openSpaces } from '../../transactions/open-spaces.ts';
import { type DatabaseOptions, openDatabase } from '../open-database.ts';
import type { CellTables } from '../rows/session.ts';
import { prepareTables } from '../schema/prepare-tables.ts';
import { createSqliteSpaceStore, type UseFile } from './create-sqlite-space-store.ts';
import { describeEntityTable } from './entity-table.ts';
import { createTenantFiles } from './tenant-files.ts';

/** How many files of tenants stay open unless the options say otherwise. Each takes up to six file descriptors. */
export const DEFAULT_MAX_OPEN_TENANTS = 64;

/** Options of {@link openSqliteRelationalStore}. */
export interface SqliteRelationalOptions extends DatabaseOptions {
  readonly entities: readonly AnyEntity[];
  /**
   * How many files of tenants stay open, from 1; others are opened again when they are used. Calls at work on more tenants
   * than that keep more open while they run. Default {@link DEFAULT_MAX_OPEN_TENANTS}.
   */
  readonly maxOpenTenants?: number;
}

/**
 * Opens the relational store of some entities in a SQLite file, which may hold other stores too; the file is created when it is
 * absent. Each tenant has a file of its own, `<file>-tenants/<id>.sqlite`, created by its first write or transaction.
 *
 * Reads see what is committed and never wait for writers; writes and transactions take turns. `close` takes back a
 * transaction whose work is still running, which fails with `CLOSED`, and waits for all other calls.
 *
 * @throws StorageError `INVALID`, `UNAVAILABLE`, `INCOMPATIBLE_SERVER` for a foreign file, a newer version or tables that do
 * not fit the entities (docs/decisions/0008-sqlite-schema.md), `CORRUPTED`.
 */
export async function openSqliteRelationalStore(options: SqliteRelationalOptions): Promise<RelationalStore> {
  const { entities, maxOpenTenants = DEFAULT_MAX_OPEN_TENANTS, ...fileOptions } = requireOption(options, 'entities');
  checkWholeNumber(maxOpenTenants, 'maxOpenTenants', { min: 1 });
  const tables = checkEntities(entities).map(describeEntityTable);
  const open = async (file: string) => {
    const opened = await openDatabase<CellTables>({ ...fileOptions, file });
    try {
      await prepareTables(opened, tables);
      return opened;
    } catch (error) {
      await opened.close();
      throw error;
    }
  };
  const database = await open(options.file);
  const folder = `${database.file}-tenants`;
  const tenants = createTenantFiles({ folder, isReadOnly: database.isReadOnly, maxOpen: maxOpenTenants, open });

  const known = new Set<unknown>(entities);
  return openSpaces(
    (space) => {
      const { tenant } = space.space;
      const use: UseFile = async (purpose, call) =>
        tenant === undefined ? call(database) : tenants.use(tenant, purpose, call);
      return createSqliteSpaceStore(space, known, use);
    },
    async () => {
      await tenants.close();
      await database.close();
    },
  );
}
