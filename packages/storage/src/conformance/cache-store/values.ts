import assert from 'node:assert/strict';
import { assertCode } from '../assert-code.ts';
import type { Fact } from '../create-fact.ts';
import { hostileIds, hostileValues, jsonSpecimens } from '../json-specimens.ts';
import { untyped } from '../untyped.ts';
import type { OpenedCacheStore } from './cache-provider.ts';

const distinctKeys = [
  'a',
  'A',
  ' a',
  'a:b',
  'a:',
  ':a',
  '*',
  'a:*',
  '\u00e9',
  'e\u0301',
  '\u{1f600}',
  '__proto__',
  'constructor',
  'toString',
  'x'.repeat(512),
];

/** What can be kept under what keys, and comes back as it was. */
export function describeValues(fact: Fact<OpenedCacheStore>): void {
  fact('an absent key is undefined, does not exist and is not removed', async ({ store }) => {
    assert.equal(await store.get('a'), undefined);
    assert.equal(await store.exists('a'), false);
    assert.equal(await store.remove('a'), false);
  });

  for (const [name, value] of jsonSpecimens) {
    fact(`gives back exactly what was written: ${name}`, async ({ store }) => {
      await store.set('a', value);
      assert.deepEqual(await store.get('a'), value);
      assert.equal(await store.exists('a'), true);
    });
  }

  fact('-0 becomes 0 and members that are undefined are left out', async ({ store }) => {
    await store.set('a', untyped({ zero: [-0], absent: undefined, kept: null }));
    assert.deepEqual(await store.get('a'), { zero: [0], kept: null });
  });

  for (const [name, value] of [...hostileValues, ['undefined', undefined] as const]) {
    fact(`refuses to write what cannot be kept, and keeps the older value: ${name}`, async ({ store }) => {
      await store.set('a', 'older');
      await assertCode('INVALID', async () => store.set('a', untyped(value)));
      await assertCode('INVALID', async () => store.set('b', untyped({ deep: [value] })));
      assert.equal(await store.exists('b'), false);
      assert.equal(await store.get('a'), 'older');
    });
  }

  fact('writing again replaces the value', async ({ store }) => {
    await store.set('a', { first: 1 });
    await store.set('a', [2]);
    assert.deepEqual(await store.get('a'), [2]);
  });

  fact('what is written and read is a copy', async ({ store }) => {
    const value = { list: [1] };
    await store.set('a', value);
    value.list.push(2);
    const read = await store.get<typeof value>('a');
    read?.list.push(3);
    assert.deepEqual(await store.get('a'), { list: [1] });
  });

  fact('a removed entry is gone, and removing says so once', async ({ store }) => {
    await store.set('a', 1);
    await store.set('b', 2);
    assert.equal(await store.remove('a'), true);
    assert.equal(await store.remove('a'), false);
    assert.equal(await store.get('a'), undefined);
    assert.equal(await store.get('b'), 2);
  });

  fact('keys are compared character by character and never as patterns or names of objects', async ({ store }) => {
    for (const [index, key] of distinctKeys.entries()) {
      assert.equal(await store.get(key), undefined);
      await store.set(key, index);
    }
    for (const [index, key] of distinctKeys.entries()) {
      assert.equal(await store.get(key), index);
    }
    assert.equal(await store.remove('*'), true);
    assert.equal(await store.exists('a'), true);
  });

  for (const [name, id] of [...hostileIds, ['513 characters', 'x'.repeat(513)] as const, ['a number', 1] as const]) {
    fact(`refuses a key: ${name}`, async ({ store }) => {
      const key: string = untyped(id);
      await assertCode('INVALID', async () => store.get(key));
      await assertCode('INVALID', async () => store.set(key, 1));
      await assertCode('INVALID', async () => store.remove(key));
      await assertCode('INVALID', async () => store.exists(key));
      await assertCode('INVALID', async () => store.getOrSet(key, () => 1));
      await assertCode('INVALID', async () => store.increment(key));
      assert.equal(store.statistics().sets, 0);
    });
  }

  fact('concurrent writes of one key leave one of the values whole', async ({ store }) => {
    const values = Array.from({ length: 20 }, (_, index) => ({ index, same: [index, index] }));
    await Promise.all(values.map(async (value) => store.set('a', value)));
    const read = await store.get<{ index: number; same: number[] }>('a');
    assert.deepEqual(read, values[read?.index ?? -1]);
  });
}
