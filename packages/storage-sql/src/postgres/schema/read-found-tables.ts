import { z } from 'zod';
import type { PostgresConnection } from '../connection/postgres-connection.ts';

/** A column, index, trigger or constraint of a table. */
export interface FoundPart {
  readonly kind: 'column' | 'unique' | 'index' | 'trigger' | 'constraint';
  readonly table: string;
  readonly name: string;
  /** Of a column its type, of a trigger its function and whether it is enabled, of an index how many columns it has. */
  readonly detail: string;
  readonly isRequired: boolean;
}

/** What is in a schema under some names. */
export interface FoundTables {
  readonly parts: readonly FoundPart[];
  /** Everything that decides what the tables accept: all parts but the plain indexes. */
  readonly shape: string;
}

/** Of the catalog only what does not change from one version of PostgreSQL to the next, as printed expressions may. */
const READ_PARTS = `
  select 'column' as kind, c.relname as "table", a.attname as name,
    format_type(a.atttypid, a.atttypmod) || coalesce(' ' || co.collname, '') || a.attgenerated::text as detail,
    a.attnotnull as "isRequired"
  from pg_class c join pg_namespace n on n.oid = c.relnamespace
    join pg_attribute a on a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped
    left join pg_collation co on co.oid = a.attcollation and co.collname <> 'default'
  where n.nspname = $1 and c.relname = any($2::text[])
  union all
  select case when i.indisunique then 'unique' else 'index' end, c.relname, x.relname,
    i.indnkeyatts || case when i.indisvalid then '' else ' invalid' end, false
  from pg_class c join pg_namespace n on n.oid = c.relnamespace
    join pg_index i on i.indrelid = c.oid join pg_class x on x.oid = i.indexrelid
  where n.nspname = $1 and c.relname = any($2::text[])
  union all
  select 'trigger', c.relname, t.tgname, p.proname || ' ' || t.tgenabled::text || ' ' || md5(p.prosrc), false
  from pg_class c join pg_namespace n on n.oid = c.relnamespace
    join pg_trigger t on t.tgrelid = c.oid and not t.tgisinternal join pg_proc p on p.oid = t.tgfoid
  where n.nspname = $1 and c.relname = any($2::text[])
  union all
  select 'constraint', c.relname, k.conname, k.contype::text, false
  from pg_class c join pg_namespace n on n.oid = c.relnamespace join pg_constraint k on k.conrelid = c.oid
  where n.nspname = $1 and c.relname = any($2::text[]) and k.contype in ('c', 'f', 'x')
  order by 1, 2, 3`;

const partsSchema = z.array(
  z.object({
    kind: z.enum(['column', 'unique', 'index', 'trigger', 'constraint']),
    table: z.string(),
    name: z.string(),
    detail: z.string(),
    isRequired: z.boolean(),
  }),
);

/** Reads what is in a schema under the names of some tables. */
export async function readFoundTables(
  connection: PostgresConnection,
  schema: string,
  tables: readonly string[],
): Promise<FoundTables> {
  const { rows } = await connection.run({ text: READ_PARTS, values: [schema, tables] });
  const parts = partsSchema.parse(rows);
  return { parts, shape: toShape(parts) };
}

/** The shape of tables that are not there. */
export const ABSENT_SHAPE = toShape([]);

function toShape(parts: readonly FoundPart[]): string {
  return JSON.stringify(
    parts
      .filter(({ kind }) => kind !== 'index')
      .map(({ kind, table, name, detail, isRequired }) => [kind, table, name, detail, isRequired]),
  );
}
