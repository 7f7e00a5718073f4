import { quoteName } from '../../schema/quote-name.ts';
import { refuseTable } from '../../schema/refuse-table.ts';
import { IMMUTABLE_STATE, SEQUENCE_STATE } from '../connection/map-postgres-error.ts';
import type { DeclaredTable } from '../schema/declared-table.ts';

/**
 * Into so many partitions a table is divided, by the hash of stream and sequence: so the records of one long stream lie in all of
 * them as those of many short ones do, and no partition has to be made later, which the service's user could not.
 */
const PARTITIONS = 8;

/** The names of what belongs to a write-once table. No name of a definition has a colon. */
export interface WormNames {
  readonly table: string;
  readonly partitions: readonly string[];
  /** The function of the triggers that refuse changes. */
  readonly refuse: string;
  /** The function of the triggers that keep streams without gaps. */
  readonly follow: string;
}

/** The names of the table of the write-once documents `name`. */
export function toWormNames(name: string): WormNames {
  const table = `worm_${name}`;
  const partitions = Array.from({ length: PARTITIONS }, (_, index) => `${table}:${index}`);
  return { table, partitions, refuse: `${table}:refuse`, follow: `${table}:follow` };
}

/** The table of the write-once documents `name`, with triggers that refuse all changes but appending the next records. */
export function describeWormTable(name: string): DeclaredTable {
  const names = toWormNames(name);
  const { table, partitions } = names;
  return {
    name: table,
    tables: [table, ...partitions],
    declaration: { partitions: PARTITIONS },
    createSql: (schema) => {
      const at = (one: string) => `${quoteName(schema)}.${quoteName(one)}`;
      return [
        `create table ${at(table)} (stream text collate "C" not null, sequence bigint not null, bytes bytea not null, ` +
          'sha256 text collate "C" not null, sealed_at bigint not null, primary key (stream, sequence)) ' +
          'partition by hash (stream, sequence)',
        ...partitions.map(
          (partition, index) =>
            `create table ${at(partition)} partition of ${at(table)} ` +
            `for values with (modulus ${PARTITIONS}, remainder ${index})`,
        ),
        ...describeGuards(schema, names),
      ];
    },
    indexes: [],
    change: () => [],
    describeFound: (_, __, place) => {
      throw refuseTable(place, 'was changed by a migration, which no write-once table may be; leave it out');
    },
  };
}

/**
 * The statements that put the functions and triggers of a table in place, whether they are there or not. Triggers for each row
 * come to the partitions by themselves, those for a statement do not.
 */
export function describeGuards(schema: string, { table, partitions, refuse, follow }: WormNames): readonly string[] {
  const at = (name: string) => `${quoteName(schema)}.${quoteName(name)}`;
  const guard = (target: string, name: string, when: string, action: string) => [
    `drop trigger if exists ${name} on ${at(target)}`,
    `create trigger ${name} ${when} on ${at(target)} ${action}`,
  ];
  const added = 'referencing new table as added for each statement';
  return [
    describeFunction(
      at(refuse),
      `begin raise exception 'records are kept as they are' using errcode = '${IMMUTABLE_STATE}'; end`,
    ),
    describeFunction(at(follow), describeFollow(at(table))),
    ...guard(table, 'refuse_update', 'before update', `for each row execute function ${at(refuse)}()`),
    ...guard(table, 'refuse_delete', 'before delete', `for each row execute function ${at(refuse)}()`),
    ...[table, ...partitions].flatMap((target) =>
      guard(target, 'refuse_truncate', 'before truncate', `for each statement execute function ${at(refuse)}()`).concat(
        guard(target, 'follow_insert', 'after insert', `${added} execute function ${at(follow)}()`),
      ),
    ),
    // Also while a session says that it is a replica, which lets other triggers sleep.
    ...[table, ...partitions].flatMap((target) =>
      ['refuse_update', 'refuse_delete', 'refuse_truncate', 'follow_insert'].map(
        (name) => `alter table ${at(target)} enable always trigger ${name}`,
      ),
    ),
  ];
}

/** Whether a role could remove the table `c` with its triggers: as a member of who owns it, its schema `n` or the database. */
export function describeOwnership(role: string): string {
  const owners = 'c.relowner, n.nspowner, (select datdba from pg_database where datname = current_database())';
  return `exists (select from unnest(array[${owners}]) as owner where pg_has_role(${role}, owner, 'member'))`;
}

/** The path in which a function looks for names is its own, or its caller could put others in their place. */
function describeFunction(name: string, body: string): string {
  return (
    `create or replace function ${name}() returns trigger language plpgsql ` +
    `set search_path = pg_catalog, pg_temp as $guard$ ${body} $guard$`
  );
}

/** Looks at all records of a statement at once: they must come right after the highest one that was there. */
function describeFollow(table: string): string {
  return `declare
    part record;
    height bigint;
  begin
    for part in select stream, min(sequence) as first, max(sequence) as last, count(*) as records from added group by stream
    loop
      select max(sequence) into height from ${table} where stream = part.stream and sequence < part.first;
      if part.first <> coalesce(height, -1) + 1 or part.last - part.first + 1 <> part.records
        or exists (select from ${table} where stream = part.stream and sequence > part.last)
      then
        raise exception 'stream % does not continue at %', part.stream, part.first using errcode = '${SEQUENCE_STATE}';
      end if;
    end loop;
    return null;
  end`;
}
