import { randomUUID } from 'node:crypto';
import type { CallOptions, WormHealth } from '@sorcha/storage';
import { type Kysely, sql } from 'kysely';
import { isTriggerRefusal } from '../map-sqlite-error.ts';
import type { SqliteDatabase } from '../open-database.ts';
import type { Guarded, WormTable, WormTables } from './worm-table.ts';

/**
 * Tries to change a canary record in each way that must be refused, and leaves nothing behind. The canary's stream has a name
 * that no user can give.
 */
export async function checkWormHealth(
  database: SqliteDatabase<WormTables>,
  table: WormTable,
  options: CallOptions | undefined,
): Promise<WormHealth> {
  const started = performance.now();
  const answer = (
    status: WormHealth['status'],
    enforcement: WormHealth['enforcement'],
    detail: string,
  ): WormHealth => ({
    status,
    provider: 'sqlite',
    detail,
    latencyMs: performance.now() - started,
    enforcement,
  });
  try {
    if (database.isReadOnly) {
      await database.read(async (db) => sql`select 1 from ${sql.table(table.name)} limit 1`.execute(db), options);
      return answer(
        'warn',
        'process',
        'Opened read-only: records can be read; whether changes are refused was not tried.',
      );
    }
    const passed = await database.rehearse(async (db) => tryChanges(db, table.name), options);
    if (passed.size === 0) {
      return answer('pass', 'database', 'A canary record was written; the database refused to change or remove it.');
    }
    const names = table.triggers.filter(({ guards }) => passed.has(guards)).map(({ name }) => `"${name}"`);
    const advice = 'open the store again, which puts them back, and verify the records';
    return answer(
      'warn',
      'process',
      `Records can be changed, for lack of the triggers ${names.join(', ')}: ${advice}.`,
    );
  } catch (error) {
    return answer('fail', 'process', error instanceof Error ? error.message : String(error));
  }
}

/** Which kinds of change went through. */
async function tryChanges(db: Kysely<WormTables>, table: string): Promise<ReadonlySet<Guarded>> {
  const row = { stream: `.canary-${randomUUID()}`, sequence: 0, text: 'canary', sha256: '', sealed_at: 0 };
  await db.insertInto(table).values(row).execute();
  const changes: readonly [Guarded, () => Promise<unknown>][] = [
    [
      'insert',
      async () =>
        db
          .insertInto(table)
          .values({ ...row, sequence: 2 })
          .execute(),
    ],
    [
      'insert',
      async () =>
        db
          .replaceInto(table)
          .values({ ...row, text: 'other' })
          .execute(),
    ],
    ['update', async () => db.updateTable(table).set({ text: 'other' }).where('stream', '=', row.stream).execute()],
    ['delete', async () => db.deleteFrom(table).where('stream', '=', row.stream).execute()],
  ];
  const passed = new Set<Guarded>();
  for (const [guards, change] of changes) {
    if (!(await isRefused(change))) {
      passed.add(guards);
    }
  }
  return passed;
}

async function isRefused(change: () => Promise<unknown>): Promise<boolean> {
  try {
    await change();
    return false;
  } catch (error) {
    if (isTriggerRefusal(error)) {
      return true;
    }
    throw error;
  }
}
