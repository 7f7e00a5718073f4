import { StorageError } from '@sorcha/storage';
import type { ClientBase } from 'pg';
import { z } from 'zod';

/** The first version whose SQL is all here. */
const OLDEST_VERSION = 140_000;

/**
 * Everything that the meaning of a statement depends on and that a server, database or user can set otherwise. `search_path` is
 * not needed: every name is written with its schema.
 */
const SET_UP = `select
  set_config('statement_timeout', $1, false), set_config('timezone', 'UTC', false),
  set_config('datestyle', 'ISO', false), set_config('extra_float_digits', '1', false),
  set_config('bytea_output', 'hex', false), set_config('standard_conforming_strings', 'on', false),
  set_config('default_transaction_isolation', 'read committed', false),
  set_config('synchronous_commit', case current_setting('synchronous_commit') when 'off' then 'on'
    else current_setting('synchronous_commit') end, false),
  pg_backend_pid() as pid, current_setting('server_version_num')::int4 as version,
  current_setting('server_encoding') as encoding`;

const answerSchema = z.object({ rows: z.tuple([z.object({ pid: z.int(), version: z.int(), encoding: z.string() })]) });

/** What a server says of itself. */
export interface ServerFacts {
  /** `150018` is 15.18. */
  readonly version: number;
  readonly encoding: string;
}

/** Prepares a new connection and says which backend it talks to. `INCOMPATIBLE_SERVER` when the server cannot be used. */
export async function setUpSession(client: ClientBase, statementTimeoutMs: number, place: string): Promise<number> {
  const answer: unknown = await client.query(SET_UP, [String(statementTimeoutMs)]);
  const [{ pid, version, encoding }] = answerSchema.parse(answer).rows;
  checkServer({ version, encoding }, place);
  return pid;
}

/** Refuses a server that is too old or keeps texts in something else than UTF-8: `INCOMPATIBLE_SERVER`. */
export function checkServer({ version, encoding }: ServerFacts, place: string): void {
  if (version < OLDEST_VERSION) {
    const found = Math.floor(version / 10_000);
    const advice = 'at least 14 is needed; upgrade it';
    throw new StorageError('INCOMPATIBLE_SERVER', `The server of ${place} is PostgreSQL ${found}: ${advice}.`);
  }
  if (encoding !== 'UTF8') {
    const advice = "create it anew with encoding 'UTF8'";
    throw new StorageError('INCOMPATIBLE_SERVER', `The database ${place} has the encoding ${encoding}: ${advice}.`);
  }
}
