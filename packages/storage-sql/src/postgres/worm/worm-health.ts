import { randomUUID } from 'node:crypto';
import { type CallOptions, StorageError, type WormHealth } from '@sorcha/storage';
import { quoteName } from '../../schema/quote-name.ts';
import { checkDatabase } from '../check-health.ts';
import { IMMUTABLE_STATE, SEQUENCE_STATE } from '../connection/map-postgres-error.ts';
import { type PostgresDatabase, rollBack, toStatement } from '../connection/postgres-database.ts';
import { describeOwnership, type WormNames } from './worm-table.ts';

/** What the service's user tried, and what of it the server did not refuse. */
interface Attempts {
  readonly user: string;
  /** Says that the user owns the table or what it is in, so that it could also remove what refuses changes. */
  readonly isOwner: boolean;
  readonly passed: readonly string[];
}

/**
 * Tries to change a canary record in each way that must be refused, and leaves nothing behind. The canary's stream has a name
 * that no user can give.
 */
export async function checkWormHealth(
  database: PostgresDatabase,
  names: WormNames,
  options: CallOptions | undefined,
): Promise<WormHealth> {
  const started = performance.now();
  const answer = (
    status: WormHealth['status'],
    enforcement: WormHealth['enforcement'],
    detail: string,
  ): WormHealth => ({
    status,
    provider: 'postgres',
    detail,
    latencyMs: performance.now() - started,
    enforcement,
  });
  try {
    const { user, isOwner, passed } = await tryChanges(database, names, options);
    if (passed.length > 0) {
      const advice =
        'have the owner run createPostgresWormTable, which puts the protection back, and verify the records';
      return answer('warn', 'process', `The server did not refuse to ${passed.join(', ')}: ${advice}.`);
    }
    if (isOwner) {
      const advice = 'use a user that createPostgresWormTable has granted only to read and append';
      return answer(
        'warn',
        'process',
        `The user "${user}" owns the table, its schema or the database and could remove them: ${advice}.`,
      );
    }
    const { status, detail } = await checkDatabase(database, options);
    return answer(
      status,
      'database',
      status === 'pass' ? 'A canary record was written; the server refused to change or remove it.' : detail,
    );
  } catch (error) {
    return answer('fail', 'process', error instanceof Error ? error.message : String(error));
  }
}

async function tryChanges(
  database: PostgresDatabase,
  names: WormNames,
  options: CallOptions | undefined,
): Promise<Attempts> {
  return database.use(async (connection) => {
    await connection.run(toStatement('begin isolation level read committed'), options);
    try {
      const text = `select current_user as "user", ${describeOwnership('current_user')} as "isOwner"
        from pg_class c join pg_namespace n on n.oid = c.relnamespace where n.nspname = $1 and c.relname = $2`;
      const { rows } = await connection.run({ text, values: [database.schema, names.table] }, options);
      const [row] = rows;
      if (row === undefined) {
        throw new StorageError('CORRUPTED', `The table "${names.table}" is missing; restore the database from a copy.`);
      }
      const role = { user: String(row['user']), isOwner: row['isOwner'] === true };
      await connection.run(toStatement(describeAttempts(database.schema, names, role.isOwner)), options);
      const answer = await connection.run(toStatement("select current_setting('sorcha.passed') as passed"), options);
      const passed = String(answer.rows[0]?.['passed']);
      return { ...role, passed: passed === '' ? [] : passed.split('|').filter((name) => name !== '') };
    } finally {
      await rollBack(connection);
    }
  }, options);
}

/**
 * A block that tries each statement and takes it back, in one trip and without filling the server's log with errors. What an owner
 * is allowed anyway is not tried: it would lock the table.
 */
function describeAttempts(schema: string, { table, refuse }: WormNames, isOwner: boolean): string {
  const at = `${quoteName(schema)}.${quoteName(table)}`;
  const stream = `.canary-${randomUUID()}`;
  const insert = (sequence: number) =>
    `insert into ${at} (stream, sequence, bytes, sha256, sealed_at) values ('${stream}', ${sequence}, '', '', 0)`;
  const attempts = [
    ['leave a gap', insert(2)],
    ['update', `update ${at} set bytes = 'x' where stream = '${stream}'`],
    ['replace', `${insert(0)} on conflict (stream, sequence) do update set bytes = 'x'`],
    ['delete', `delete from ${at} where stream = '${stream}'`],
  ];
  const byOwners = [
    ['truncate', `truncate ${at}`],
    ['drop the table', `drop table ${at}`],
    ['disable triggers', `alter table ${at} disable trigger all`],
    ['drop a trigger', `drop trigger refuse_update on ${at}`],
    [
      'replace the function of a trigger',
      `create or replace function ${quoteName(schema)}.${quoteName(refuse)}() returns trigger language plpgsql ` +
        'as $f$ begin return new; end $f$',
    ],
    ['let triggers sleep', 'set local session_replication_role = replica'],
  ];
  const lines = (isOwner ? attempts : [...attempts, ...byOwners]).map(
    ([name, statement]) => `
    begin
      execute $try$${statement}$try$;
      passed := passed || '|${name}';
      raise exception using errcode = 'SRGOB';
    exception
      when sqlstate 'SRGOB' or sqlstate '${IMMUTABLE_STATE}' or sqlstate '${SEQUENCE_STATE}' or insufficient_privilege then null;
      when others then passed := passed || '|${name} (' || replace(sqlerrm, '|', ' ') || ')';
    end;`,
  );
  return `do $attempts$
  declare
    passed text := '';
  begin
    set local lock_timeout = '200ms';
    ${insert(0)};
    ${lines.join('')}
    perform set_config('sorcha.passed', passed, true);
  end $attempts$`;
}
