import type { CallOptions } from '@sorcha/storage';
import { sql } from 'kysely';
import type { Finding } from '../measure-health.ts';
import type { SqliteDatabase } from './open-database.ts';
import type { CellTables } from './rows/session.ts';
import { SCHEMA_RECORDS } from './schema/schema-records.ts';

/**
 * Reads the file and, unless somebody is writing, writes a canary and takes it back, so that a full or write-protected disk
 * shows.
 */
export async function checkDatabase(
  database: SqliteDatabase<CellTables>,
  options: CallOptions | undefined,
): Promise<Finding> {
  await database.read(async (db) => sql`select count(*) from sqlite_schema`.execute(db), options);
  if (database.isReadOnly) {
    return { status: 'warn', detail: 'Opened read-only: the file was read.' };
  }
  if (database.isWriting()) {
    return { status: 'pass', detail: 'The file was read; others are writing to it.' };
  }
  const canary = { name: 'canary', declaration: '', shape: '' };
  await database.rehearse(async (db) => db.insertInto(SCHEMA_RECORDS).values(canary).execute(), options);
  return { status: 'pass', detail: 'The file was read; a canary was written and taken back.' };
}
