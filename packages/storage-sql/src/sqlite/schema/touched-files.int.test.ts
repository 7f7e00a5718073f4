import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { defineDocument, defineEntity, defineWorm } from '@sorcha/storage';
import { createTemporaryFolder } from '@sorcha/storage/testing';
import { describe, expect, onTestFinished, test } from 'vitest';
import { z } from 'zod';
import type { AnyEntity } from '../../schema/entity-declaration.ts';
import { openSqliteDocumentStore } from '../documents/open-sqlite-document-store.ts';
import { openSqliteRelationalStore } from '../relational/open-sqlite-relational-store.ts';
import { openSqliteWormStore } from '../worm/open-sqlite-worm-store.ts';

const members = { id: z.string(), email: z.string().optional(), size: z.number() };
const user = defineEntity({ name: 'user', schema: z.object(members), key: 'id', unique: [['email']] });
const note = defineDocument({ name: 'note', schema: z.looseObject({ id: z.string() }), key: 'id' });
const records = defineWorm({ name: 'note', schema: z.string() });

const createFile = async () => join(await createTemporaryFolder(onTestFinished), 'warm.sqlite');
const open = async (file: string, entities: readonly AnyEntity[], readOnly = false) => {
  const store = await openSqliteRelationalStore({ file, entities, readOnly });
  onTestFinished(async () => store.close());
  return store;
};
const openRecords = async (file: string) => {
  const store = await openSqliteWormStore({ file, definition: records });
  onTestFinished(async () => store.close());
  return store;
};

/** A closed file with one user. */
async function createFilled(): Promise<string> {
  const file = await createFile();
  const store = await open(file, [user]);
  await store.repository(user).add({ id: 'a', email: 'e', size: 1 });
  await store.close();
  return file;
}

/** Checks that opening is refused, says all `words`, and changes nothing. */
async function expectRefused(file: string, attempt: () => Promise<unknown>, words: readonly string[]): Promise<void> {
  const before = await readFile(file);
  const message = expect.stringMatching(new RegExp(words.join('.*'), 'u')) as unknown;
  await expect(attempt()).rejects.toMatchObject({ code: 'INCOMPATIBLE_SERVER', message });
  expect((await readFile(file)).equals(before)).toBe(true);
  expect(await readdir(join(file, '..'))).toEqual(['warm.sqlite']);
}

describe('tables that others have touched are refused', () => {
  test.each([
    ['a column was added', 'alter table entity_user add column more text', 'changed by another program'],
    ['a unique index was removed', 'drop index "unique:entity_user.email"', 'changed by another program'],
    ['a trigger was added', 'create trigger t before insert on entity_user begin select 1; end', 'changed by'],
    ['the record was removed', 'delete from sorcha_schema', 'not made by this software'],
    ['the record is of another version', `update sorcha_schema set declaration = '{"columns":{}}'`, 'another version'],
  ])('%s', async (_, statement, word) => {
    const file = await createFilled();
    const raw = new DatabaseSync(file);
    raw.exec(statement);
    raw.close();
    await expectRefused(file, async () => open(file, [user]), [word]);
    await expectRefused(file, async () => open(file, [user], true), [word]);
  });
});

test('an index that is no longer declared stays in the file, which is read without one that is', async () => {
  const file = await createFilled();
  const indexed = defineEntity({
    name: 'user',
    schema: z.object(members),
    key: 'id',
    unique: [['email']],
    indexes: [['size']],
  });
  expect(await (await open(file, [indexed], true)).repository(indexed).count()).toBe(1);
  await (await open(file, [indexed])).close();
  await (await open(file, [user])).close();
  const raw = new DatabaseSync(file, { readOnly: true });
  onTestFinished(() => raw.close());
  expect(raw.prepare("select name from sqlite_schema where name = 'entity_user.size'").all()).toHaveLength(1);
});

test('a write-once table of a file that does not record it yet is recorded when it is opened for writing', async () => {
  const file = await createFile();
  await (await openRecords(file)).close();
  const raw = new DatabaseSync(file);
  onTestFinished(() => raw.close());
  raw.exec('drop table sorcha_schema');
  await (await openRecords(file)).close();
  raw.exec('drop table worm_note');
  await expect(openRecords(file)).rejects.toMatchObject({ code: 'CORRUPTED' });
});

test('a foreign file is refused by both stores and not touched', async () => {
  const file = await createFile();
  const raw = new DatabaseSync(file);
  raw.exec('create table entity_user (id text)');
  raw.close();
  await expectRefused(file, async () => open(file, [user]), ['no Sorcha database']);
  await expectRefused(file, async () => openSqliteDocumentStore({ file, definition: note }), ['no Sorcha database']);
});

test('reading a file whose definition it was never opened with is refused and writes nothing', async () => {
  const file = await createFilled();
  const other = defineEntity({ name: 'other', schema: z.object({ id: z.string() }), key: 'id' });
  const otherNote = defineDocument({ name: 'other', schema: z.looseObject({ id: z.string() }), key: 'id' });
  await expectRefused(file, async () => open(file, [other], true), ['entity_other', 'open the file for writing once']);
  const openOther = async () => openSqliteDocumentStore({ file, definition: otherNote, readOnly: true });
  await expectRefused(file, openOther, ['document_other', 'open the file for writing once']);
});
