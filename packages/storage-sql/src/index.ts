export { openSqliteDocumentStore, type SqliteDocumentOptions } from './sqlite/documents/open-sqlite-document-store.ts';
export type { DatabaseOptions } from './sqlite/open-database.ts';
export {
  DEFAULT_MAX_OPEN_TENANTS,
  openSqliteRelationalStore,
  type SqliteRelationalOptions,
} from './sqlite/relational/open-sqlite-relational-store.ts';
export { openSqliteWormStore, type SqliteWormOptions } from './sqlite/worm/open-sqlite-worm-store.ts';
