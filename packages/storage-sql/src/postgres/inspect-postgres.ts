import { z } from 'zod';
import { openPostgresDatabase } from './connection/postgres-database.ts';
import type { PostgresOptions } from './connection/postgres-options.ts';

const findingsSchema = z.object({
  /** The server's own version text: `15.18`. */
  version: z.string(),
  user: z.string(),
  isSuperuser: z.boolean(),
  /** Whether the schema that the options name is there. */
  hasSchema: z.boolean(),
  /** Whether this user may create what is missing: the schema, or tables in it. */
  mayCreate: z.boolean(),
  isStandby: z.boolean(),
  /** Whether commits are on the disk when they are acknowledged. */
  isDurable: z.boolean(),
  /** How many connections the server takes in all. */
  maxConnections: z.number(),
});

/** What a PostgreSQL database is and what its user may do there. */
export type PostgresFindings = z.output<typeof findingsSchema>;

const toFindings = (schema: string) => ({
  text: `select current_setting('server_version') as version, current_user::text as user,
    (select rolsuper from pg_roles where rolname = current_user) as "isSuperuser",
    exists (select from pg_namespace where nspname = $1) as "hasSchema",
    case when exists (select from pg_namespace where nspname = $1) then has_schema_privilege(current_user, $1, 'create')
      else has_database_privilege(current_user, current_database(), 'create') end as "mayCreate",
    pg_is_in_recovery() as "isStandby",
    current_setting('fsync') = 'on' and current_setting('synchronous_commit') <> 'off' as "isDurable",
    current_setting('max_connections')::int as "maxConnections"`,
  values: [schema],
});

/**
 * Looks at a database without changing anything in it. A server that the stores cannot use is an error, as when they open.
 *
 * @throws StorageError `INVALID`, `UNAVAILABLE`, `INCOMPATIBLE_SERVER`.
 */
export async function inspectPostgres(options: PostgresOptions): Promise<PostgresFindings> {
  const database = await openPostgresDatabase({ ...options, pool: { ...options.pool, max: 1 } });
  try {
    const { rows } = await database.use(async (connection) => connection.run(toFindings(database.schema)));
    return findingsSchema.parse(rows[0]);
  } finally {
    await database.close();
  }
}
