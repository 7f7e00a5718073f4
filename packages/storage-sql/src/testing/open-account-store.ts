import type { RelationalStore } from '@sorcha/storage';
import { openPostgresRelationalStore } from '../postgres/relational/open-postgres-relational-store.ts';
import { openSqliteRelationalStore } from '../sqlite/relational/open-sqlite-relational-store.ts';
import { account } from './account.ts';

/** Opens the store of accounts, for programs of tests. @param target the url of a PostgreSQL database, or a file of SQLite. */
export async function openAccountStore(target: string): Promise<RelationalStore> {
  return target.startsWith('postgres:')
    ? openPostgresRelationalStore({ url: target, entities: [account] })
    : openSqliteRelationalStore({ file: target, entities: [account] });
}
