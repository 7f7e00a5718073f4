import type { CallOptions } from '@sorcha/storage';
import type { Finding } from '../measure-health.ts';
import { type PostgresDatabase, toStatement } from './connection/postgres-database.ts';

/** Writes an empty message to the server's log, which needs no table and no right, so that a standby or a full disk shows. */
const CHECK = `select current_setting('fsync') = 'on' as "isDurable", pg_is_in_recovery() as "isStandby",
  case when pg_is_in_recovery() then null else pg_logical_emit_message(true, 'sorcha', '')::text end as written`;

/** Asks the server, and has it write something. */
export async function checkDatabase(database: PostgresDatabase, options: CallOptions | undefined): Promise<Finding> {
  const { rows } = await database.use(async (connection) => connection.run(toStatement(CHECK), options), options);
  const [row] = rows;
  if (row?.['isStandby'] === true) {
    return { status: 'warn', detail: 'The server is a standby: it can be read; connect to the primary to write.' };
  }
  if (row?.['isDurable'] !== true) {
    const advice = 'a power failure can destroy the database; set fsync = on';
    return { status: 'warn', detail: `The server answered and wrote to its log, but fsync is off: ${advice}.` };
  }
  return { status: 'pass', detail: 'The server answered and wrote to its log.' };
}
