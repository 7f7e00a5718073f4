import { join } from 'node:path';
import { defineDocument, defineEntity } from '@sorcha/storage';
import { createTemporaryFolder } from '@sorcha/storage/testing';
import { expect, onTestFinished, test } from 'vitest';
import { z } from 'zod';
import { openSqliteDocumentStore } from './documents/open-sqlite-document-store.ts';
import { openSqliteRelationalStore } from './relational/open-sqlite-relational-store.ts';

const schema = z.object({ id: z.string(), email: z.string(), team: z.string() });

/** A refusal that says all `words`, and no name of a table. */
function refusal(...words: string[]) {
  const pattern = new RegExp(`^(?!.*(?:entity|document|unique)_).*${words.join('.*')}`, 'u');
  return { code: 'ALREADY_EXISTS', message: expect.stringMatching(pattern) as unknown };
}

test('what is taken is said in the words of the definition', async () => {
  const file = join(await createTemporaryFolder(onTestFinished), 'warm.sqlite');
  const user = defineEntity({ name: 'user', schema, key: 'id', unique: [['email'], ['team', 'email']] });
  const store = await openSqliteRelationalStore({ file, entities: [user] });
  onTestFinished(async () => store.close());
  const users = store.repository(user);
  await users.add({ id: 'a', email: 'e', team: 't' });
  await expect(users.add({ id: 'a', email: 'x', team: 't' })).rejects.toMatchObject(refusal('user', 'id'));
  await expect(users.add({ id: 'b', email: 'e', team: 'u' })).rejects.toMatchObject(refusal('user', 'email'));

  const note = defineDocument({ name: 'note', schema, key: 'id', unique: ['email'] });
  const notes = await openSqliteDocumentStore({ file, definition: note });
  onTestFinished(async () => notes.close());
  await notes.insert({ id: 'a', email: 'e', team: 't' });
  await expect(notes.insert({ id: 'a', email: 'x', team: 't' })).rejects.toMatchObject(refusal('note', 'key'));
  await expect(notes.insert({ id: 'b', email: 'e', team: 't' })).rejects.toMatchObject(refusal('note', 'unique path'));
});
