import assert from 'node:assert/strict';
import { z } from 'zod';
import type { DocumentStore } from '../../ports/document-store.ts';
import { type DocumentDefinition, defineDocument } from '../../schema/define-document.ts';
import { assertCode } from '../assert-code.ts';
import type { Fact } from '../create-fact.ts';
import type { OpenedStore } from '../opened-store.ts';
import { untyped } from '../untyped.ts';

/** A document with a strict schema. */
export interface Note {
  readonly title: string;
  readonly stars: number;
  readonly tags: string[];
}

/** Declares a {@link Note}: members with a default, and unknown members left out. */
export const note: DocumentDefinition<Note> = defineDocument({
  name: 'note',
  schema: z.object({ title: z.string(), stars: z.int().default(0), tags: z.array(z.string()).default([]) }),
  key: 'title',
});

/** Documents are checked against their schema before they are written. */
export function describeSchemas(fact: Fact<OpenedStore<DocumentStore<Note>>>): void {
  fact(
    'what the schema makes of a document is written: defaults filled in, unknown members left out',
    async (opened) => {
      const { store } = opened;
      const expected = { title: 'a', stars: 0, tags: [], version: 1 };
      assert.deepEqual(await store.insert(untyped({ title: 'a', other: true })), expected);
      assert.deepEqual(await store.get('a'), expected);
    },
  );

  fact('a document that does not fit its schema is refused, and nothing is written', async ({ store }) => {
    const stored = await store.insert({ title: 'a', stars: 1, tags: ['x'] });
    for (const wrong of [{ stars: 'one' }, { stars: 1.5 }, { tags: 'x' }, { tags: [null] }, { stars: null }]) {
      await assertCode('INVALID', async () => store.insert(untyped({ title: 'b', ...wrong })));
      await assertCode('INVALID', async () => store.insertMany(untyped([{ title: 'c' }, { title: 'b', ...wrong }])));
      await assertCode('INVALID', async () => store.upsert(untyped({ ...stored, ...wrong })));
      await assertCode('INVALID', async () => store.replace(untyped({ ...stored, ...wrong })));
    }
    assert.deepEqual(await store.find({}), [stored]);
  });

  fact('what is no object is refused', async ({ store }) => {
    for (const wrong of [undefined, null, 'a', 1, [], [{ title: 'a' }], new Map([['title', 'a']])]) {
      await assertCode('INVALID', async () => store.insert(untyped(wrong)));
      await assertCode('INVALID', async () => store.upsert(untyped(wrong)));
      await assertCode('INVALID', async () => store.insertMany([untyped(wrong)]));
      await assertCode('INVALID', async () => store.replace(untyped(wrong)));
    }
    assert.equal(await store.count(), 0);
  });
}
