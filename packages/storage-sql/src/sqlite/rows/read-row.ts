import type { Stored } from '@sorcha/storage';
import type { RowSource } from './search-rows.ts';
import type { Session } from './session.ts';

/** Reads one row by its key; `undefined` when there is none. */
export async function readRow<E>(
  { db }: Session,
  source: RowSource<E>,
  id: string | number,
): Promise<Stored<E> | undefined> {
  const row = await db
    .selectFrom(source.table)
    .select(source.columns)
    .where(source.key.column, '=', id)
    .executeTakeFirst();
  return row === undefined ? undefined : source.toStored(row);
}

/** The version of one row; `undefined` when there is none. */
export async function readVersion<E>(
  { db }: Session,
  source: RowSource<E>,
  id: string | number,
): Promise<number | undefined> {
  const row = await db.selectFrom(source.table).select('version').where(source.key.column, '=', id).executeTakeFirst();
  return row === undefined ? undefined : Number(row['version']);
}
