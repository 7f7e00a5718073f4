/** The superuser of the engine; only the bridge can reach the engine. */
export const ENGINE_USER = 'sorcha';

/** How many statements run at once; more wait. */
export const ENGINE_CONNECTIONS = 80;

/**
 * What is added to `postgresql.conf`. What makes data durable (fsync and so on) stays at its default, which is on: tests
 * kill the engine. DocumentDB makes collections through a connection to itself.
 */
export function engineSettings(folder: string): string {
  return `
shared_preload_libraries = 'pg_cron,pg_documentdb_core,pg_documentdb'
listen_addresses = ''
max_connections = ${ENGINE_CONNECTIONS * 2}
shared_buffers = '64MB'
jit = off
search_path = 'documentdb_api_catalog,documentdb_api,public'
log_min_messages = 'fatal'
cron.database_name = 'postgres'
cron.use_background_workers = on
cron.log_run = off
cron.log_statement = off
documentdb.localhost_connection_string = 'host=${folder}'
documentdb.useFileBasedPersistedCursors = on
documentdb.use_pg_stats_live_tuples_for_count = off
documentdb.maxUserLimit = 500
documentdb_core.enableCollation = on
`;
}
