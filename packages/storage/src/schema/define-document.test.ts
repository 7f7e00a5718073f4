import { describe, expect, it, test } from 'vitest';
import { z } from 'zod';
import { createMemoryDocumentStore, createMemoryRelationalStore } from '../memory/index.ts';
import { defineDocument } from './define-document.ts';
import { defineEntity } from './define-entity.ts';
import { defineWorm } from './define-worm.ts';

interface Tree {
  readonly name: string;
  readonly branches: Tree[];
}

describe('what JSON cannot carry is refused when it is declared, by the name of the member', () => {
  const line = (schema: z.ZodType) => z.object({ made: schema });
  test.each<[string, z.ZodType, string]>([
    ['a date', z.date(), 'made'],
    ['a date that is read from text', z.coerce.date().optional(), 'made'],
    ['a date with a default, in a list', z.array(z.date().default(new Date(0))), 'made[]'],
    ['a date within an object', z.object({ at: z.date().nullable() }), 'made.at'],
    [
      'what a text is decoded to',
      z.codec(z.iso.datetime(), z.date(), { decode: (text) => new Date(text), encode: String }),
      'made',
    ],
    ['a bigint', z.bigint(), 'made'],
    ['a map in a record', z.record(z.string(), z.map(z.string(), z.string())), 'made.*'],
    ['a set', z.set(z.string()), 'made'],
  ])('%s', (_, schema, path) => {
    const refusal: unknown = expect.objectContaining({
      code: 'INVALID',
      message: expect.stringContaining(`.${path} `) as unknown,
    });
    const document = () =>
      defineDocument({ name: 'order', schema: z.object({ id: z.string(), made: schema }), key: 'id' });
    const entity = () =>
      defineEntity({ name: 'order', schema: z.object({ id: z.string(), line: line(schema) }), key: 'id' });
    const worm = () => defineWorm({ name: 'order', schema: line(schema) });
    for (const define of [document, entity, worm]) {
      expect(define).toThrow(refusal);
    }
  });

  it('does not refuse dates in columns, texts that stand for dates, recursion, and write-once text of its own', () => {
    const tree: z.ZodType<Tree> = z.object({
      name: z.string(),
      get branches() {
        return z.array(tree);
      },
    });
    const schema = z.object({ id: z.string(), at: z.iso.datetime(), tree, any: z.json() });
    expect(defineDocument({ name: 'order', schema, key: 'id' }).name).toBe('order');
    expect(defineEntity({ name: 'order', schema: schema.extend({ made: z.date() }), key: 'id' }).columns).toHaveLength(
      5,
    );
    const text = { encode: (date: Date) => date.toISOString(), decode: (stored: string) => new Date(stored) };
    expect(defineWorm({ name: 'time', schema: z.date(), text }).encode(new Date(0))).toBe('1970-01-01T00:00:00.000Z');
  });
});

describe('a path that is to be indexed or unique must be one at which something can be', () => {
  const schema = z.object({
    id: z.string(),
    name: z.string(),
    kind: z.literal('a').or(z.object({ deep: z.int() })),
    owner: z.object({ country: z.string() }).optional(),
    free: z.record(z.string(), z.json()),
  });
  const define = (path: string) => [
    () => defineDocument({ name: 'order', schema, key: 'id', unique: [path] }),
    () => defineDocument({ name: 'order', schema, key: 'id', indexes: ['name', path] }),
  ];
  it.each(['nmae', 'version', 'name.first', 'owner.land', 'owner.country.code', 'kind.deeep', 'toString'])(
    'refuses %s',
    (path) => {
      const said = expect.stringContaining(`"${path}"`) as unknown;
      for (const attempt of define(path)) {
        expect(attempt).toThrow(expect.objectContaining({ code: 'INVALID', message: said }));
      }
    },
  );
  it.each(['name', 'owner', 'owner.country', 'kind', 'kind.deep', 'free.any', 'free.any.deeper'])(
    'takes %s',
    (path) => {
      for (const attempt of define(path)) {
        expect(attempt).not.toThrow();
      }
    },
  );
});

it('members with a default may be left out of what is inserted, and are there in what is returned', async () => {
  const schema = z.object({ id: z.string(), stars: z.int().default(3), tags: z.array(z.string()).default([]) });
  const documents = createMemoryDocumentStore({ definition: defineDocument({ name: 'note', schema, key: 'id' }) });
  const note = await documents.insert({ id: 'a' });
  expect([note.stars + 1, note.tags.length]).toEqual([4, 0]);
  expect((await documents.upsert({ id: 'a', stars: 1 })).tags).toEqual([]);
  const entity = defineEntity({ name: 'note', schema, key: 'id' });
  const rows = createMemoryRelationalStore({ entities: [entity] }).repository(entity);
  const [row] = await rows.addMany([{ id: 'a', tags: ['x'] }]);
  expect(row).toEqual({ id: 'a', stars: 3, tags: ['x'], version: 1 });
});
