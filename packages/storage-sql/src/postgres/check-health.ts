import type { CallOptions, StoreHealth } from '@sorcha/storage';
import { type PostgresDatabase, toStatement } from './connection/postgres-database.ts';

/** What is said of a store besides how long the trip took. */
export type Finding = Pick<StoreHealth, 'status' | 'detail'>;

/** Says how a store is; never throws. `check` makes the trip and gives the status and what to say. */
export async function measureHealth(check: () => Promise<Finding>): Promise<StoreHealth> {
  const started = performance.now();
  const answer = ({ status, detail }: Finding): StoreHealth => ({
    status,
    provider: 'postgres',
    detail,
    latencyMs: performance.now() - started,
  });
  try {
    return answer(await check());
  } catch (error) {
    return answer({ status: 'fail', detail: error instanceof Error ? error.message : String(error) });
  }
}

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
