export type { DatabaseOptions } from './sqlite/open-database.ts';
export { openSqliteWormStore, type SqliteWormOptions } from './sqlite/worm/open-sqlite-worm-store.ts';
