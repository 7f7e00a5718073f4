import type { CallOptions, StoreHealth } from '@sorcha/storage';
import { sql } from 'kysely';
import type { SqliteDatabase } from './open-database.ts';
import type { CellTables } from './rows/session.ts';
import { SCHEMA_RECORDS } from './schema/schema-records.ts';

/** Says how a store is; never throws. `check` makes the trip and gives the status and what to say. */
export async function measureHealth(
  check: () => Promise<Pick<StoreHealth, 'status' | 'detail'>>,
): Promise<StoreHealth> {
  const started = performance.now();
  const answer = ({ status, detail }: Pick<StoreHealth, 'status' | 'detail'>): StoreHealth => ({
    status,
    provider: 'sqlite',
    detail,
    latencyMs: performance.now() - started,
  });
  try {
    return answer(await check());
  } catch (error) {
    return answer({ status: 'fail', detail: error instanceof Error ? error.message : String(error) });
  }
}

/**
 * Reads the file and, unless somebody is writing, writes a canary and takes it back, so that a full or write-protected disk
 * shows.
 */
export async function checkDatabase(
  database: SqliteDatabase<CellTables>,
  options: CallOptions | undefined,
): Promise<Pick<StoreHealth, 'status' | 'detail'>> {
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
