export type {
  PostgresEncryption,
  PostgresOptions,
  PostgresPoolOptions,
} from './postgres/connection/postgres-options.ts';
export {
  openPostgresDocumentStore,
  type PostgresDocumentOptions,
} from './postgres/documents/open-postgres-document-store.ts';
export { inspectPostgres, type PostgresFindings } from './postgres/inspect-postgres.ts';
export {
  openPostgresRelationalStore,
  type PostgresRelationalOptions,
} from './postgres/relational/open-postgres-relational-store.ts';
export type { SchemaMigration } from './postgres/schema/schema-migrations.ts';
export { createPostgresWormTable, type PostgresWormTableOptions } from './postgres/worm/create-postgres-worm-table.ts';
export { openPostgresWormStore, type PostgresWormOptions } from './postgres/worm/open-postgres-worm-store.ts';
export { openSqliteDocumentStore, type SqliteDocumentOptions } from './sqlite/documents/open-sqlite-document-store.ts';
export type { DatabaseOptions } from './sqlite/open-database.ts';
export {
  DEFAULT_MAX_OPEN_TENANTS,
  openSqliteRelationalStore,
  type SqliteRelationalOptions,
} from './sqlite/relational/open-sqlite-relational-store.ts';
export { openSqliteWormStore, type SqliteWormOptions } from './sqlite/worm/open-sqlite-worm-store.ts';
