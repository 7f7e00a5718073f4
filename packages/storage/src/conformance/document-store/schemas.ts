import assert from 'node:assert/strict';
import { z } from 'zod';
import type { Filter } from '../../filter/filter.ts';
import type { DocumentStore } from '../../ports/document-store.ts';
import { type DocumentDefinition, defineDocument } from '../../schema/define-document.ts';
import { assertCode } from '../assert-code.ts';
import type { Fact } from '../create-fact.ts';
import { mistypedConditions } from '../hostile-queries.ts';
import type { OpenedStore } from '../opened-store.ts';
import { untyped } from '../untyped.ts';

/** A document with a strict schema. */
export interface Note {
  readonly title: string;
  readonly stars: number;
  readonly tags: string[];
  readonly lines?: { readonly text: string }[] | undefined;
  readonly free?: { readonly [member: string]: unknown } | undefined;
}

/** Declares a {@link Note}: members with a default, and unknown members left out. */
export const note: DocumentDefinition<Note> = defineDocument({
  name: 'note',
  schema: z.object({
    title: z.string(),
    stars: z.int().default(0),
    tags: z.array(z.string()).default([]),
    lines: z.array(z.object({ text: z.string() })).optional(),
    free: z.looseObject({ known: z.object({ a: z.int() }).optional() }).optional(),
  }),
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

  const absent = [
    'titel',
    'version',
    'constructor',
    'title.x',
    'tags.x',
    'tags.0.x',
    'lines.txt',
    'lines.0.txt',
    'free.known.b',
  ];
  for (const path of absent) {
    fact(`a path at which the schema allows nothing is refused: ${path}`, async ({ store }) => {
      await store.insert({ title: 'a', stars: 1, tags: ['x'] });
      for (const condition of mistypedConditions) {
        for (const free of [{ [path]: condition }, { $and: [{ stars: 1 }, { $or: [{ [path]: condition }] }] }]) {
          const filter: Filter<Note> = untyped(free);
          await assertCode('INVALID', async () => store.find(filter));
          await assertCode('INVALID', async () => store.count(filter));
          await assertCode('INVALID', async () => store.deleteMany(filter));
        }
      }
      await assertCode('INVALID', async () => store.find({}, { orderBy: [{ path }] }));
      assert.equal(await store.count(), 1);
    });
  }

  fact('a path at which the schema allows nothing is refused inside of $elemMatch', async ({ store }) => {
    const filter: Filter<Note> = untyped({ lines: { $not: { $elemMatch: { txt: 'x' } } } });
    await assertCode('INVALID', async () => store.deleteMany(filter));
    assert.equal(await store.count({ lines: { $not: { $elemMatch: { text: 'x' } } } }), 0);
  });

  fact('paths through lists and into what the schema leaves open are searched', async ({ store }) => {
    const lines = [{ text: 'one' }, { text: 'two' }];
    const stored = await store.insert({ title: 'a', stars: 0, tags: ['x'], lines, free: { other: { deep: 1 } } });
    const paths = {
      'lines.text': 'two',
      'lines.1.text': 'two',
      'tags.0': 'x',
      'free.other.deep': 1,
      'free.known.a': null,
    };
    assert.deepEqual(await store.find(paths, { orderBy: [{ path: 'lines.text' }, { path: 'free.other' }] }), [stored]);
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
