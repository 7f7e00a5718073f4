import { expect, test } from 'vitest';
import { createMemoryDocumentStore } from './memory-document-store.ts';
import { createMemoryRelationalStore } from './memory-relational-store.ts';
import { createMemoryWormStore } from './memory-worm-store.ts';

const stores: readonly [string, string, (options: unknown) => unknown][] = [
  ['document', 'definition', (options): unknown => Reflect.apply(createMemoryDocumentStore, undefined, [options])],
  ['relational', 'entities', (options): unknown => Reflect.apply(createMemoryRelationalStore, undefined, [options])],
  ['write-once', 'definition', (options): unknown => Reflect.apply(createMemoryWormStore, undefined, [options])],
];

test.each(stores)('a %s store without its option "%s" is INVALID, which names it', (_, name, create) => {
  const said = expect.stringContaining(`"${name}"`) as unknown;
  for (const options of [undefined, null, 'x', {}, { [name]: undefined }, { [name]: null }, { [name]: 'x' }]) {
    expect(() => create(options)).toThrow(expect.objectContaining({ code: 'INVALID', message: said }));
  }
});

test('entities that are no list are INVALID', () => {
  const create = (): unknown => Reflect.apply(createMemoryRelationalStore, undefined, [{ entities: {} }]);
  expect(create).toThrow(expect.objectContaining({ code: 'INVALID' }));
});
