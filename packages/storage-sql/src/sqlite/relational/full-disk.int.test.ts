import { join } from 'node:path';
import { defineEntity } from '@sorcha/storage';
import { createTemporaryFolder } from '@sorcha/storage/testing';
import { expect, onTestFinished, test } from 'vitest';
import { z } from 'zod';
import { openSpaces } from '../../transactions/open-spaces.ts';
import { openDatabase } from '../open-database.ts';
import type { CellTables } from '../rows/session.ts';
import { prepareTables } from '../schema/prepare-tables.ts';
import { createSqliteSpaceStore } from './create-sqlite-space-store.ts';
import { describeEntityTable } from './entity-table.ts';

const note = defineEntity({ name: 'note', schema: z.object({ id: z.string(), text: z.string() }), key: 'id' });
const text = 'x'.repeat(3_000);

/** A store on a file that SQLite lets grow by 20 pages only, and then reports as full, as it does for a full disk. */
async function openNearlyFull() {
  const file = join(await createTemporaryFolder(onTestFinished), 'warm.sqlite');
  const database = await openDatabase<CellTables>({ file });
  await prepareTables(database, [describeEntityTable(note)]);
  await database.write(async (_, connection) => {
    const pages = Number(connection.prepare('pragma page_count').get()?.['page_count']);
    connection.exec(`pragma max_page_count = ${pages + 20}`);
  });
  const store = openSpaces(
    (space) => createSqliteSpaceStore(space, new Set([note]), async (_, call) => call(database)),
    async () => database.close(),
  );
  onTestFinished(async () => store.close());
  return { store, notes: store.repository(note) };
}

test('writes on a full disk are UNAVAILABLE and leave nothing; what is there stays, and deleting makes room', async () => {
  const { store, notes } = await openNearlyFull();
  const stored = await notes.add({ id: 'first', text });
  const batch = Array.from({ length: 150 }, (_, index) => ({ id: `${index}`, text }));
  await expect(notes.addMany(batch)).rejects.toMatchObject({ code: 'UNAVAILABLE' });
  expect(await notes.find({})).toEqual([stored]);
  const long = 'x'.repeat(200_000);
  await expect(notes.update({ ...stored, text: long })).rejects.toMatchObject({ code: 'UNAVAILABLE' });
  expect(await store.health()).toMatchObject({ status: 'pass' });
  expect(await notes.delete('first')).toBe(true);
  expect(await notes.add({ id: 'second', text })).toMatchObject({ version: 1 });
});

test('a transaction on a full disk is taken back as a whole, also when its work hides the error', async () => {
  const { store, notes } = await openNearlyFull();
  const kept = await notes.add({ id: 'kept', text });
  const codes: unknown[] = [];
  const hiding = store.transaction(async (bound) => {
    const inside = bound.repository(note);
    await inside.delete('kept');
    for (let index = 0; index < 60; index += 1) {
      await inside.add({ id: `${index}`, text }).catch((error: unknown) => codes.push(error));
    }
    await bound.transaction(async () => 1).catch((error: unknown) => codes.push(error));
  });
  await expect(hiding).rejects.toMatchObject({ code: 'UNAVAILABLE' });
  expect(codes.length).toBeGreaterThan(1);
  expect(codes).toMatchObject(codes.map(() => ({ code: 'UNAVAILABLE' })));
  expect(await notes.find({})).toEqual([kept]);
});
