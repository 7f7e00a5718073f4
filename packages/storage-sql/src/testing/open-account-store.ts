import type { RelationalStore } from '@sorcha/storage';
import { account } from './account.ts';

/**
 * Opens the store of accounts, for programs of tests, which start faster without the client that they do not use.
 *
 * @param target the url of a PostgreSQL database, or a file of SQLite.
 */
export async function openAccountStore(target: string): Promise<RelationalStore> {
  if (target.startsWith('postgres:')) {
    const { openPostgresRelationalStore } = await import('../postgres/relational/open-postgres-relational-store.ts');
    return openPostgresRelationalStore({ url: target, entities: [account] });
  }
  const { openSqliteRelationalStore } = await import('../sqlite/relational/open-sqlite-relational-store.ts');
  return openSqliteRelationalStore({ file: target, entities: [account] });
}
