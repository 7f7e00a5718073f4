import assert from 'node:assert/strict';
import type { Filter } from '../../filter/filter.ts';
import { assertCode } from '../assert-code.ts';
import {
  hostileCounts,
  hostileFilters,
  hostileLists,
  hostileOptions,
  hostileOrders,
  hostileVersions,
  nameOf,
} from '../hostile-queries.ts';
import { hostileIds } from '../json-specimens.ts';
import { untyped } from '../untyped.ts';
import type { Specimen, SpecimenFact } from './specimen.ts';

/** Malformed arguments: `INVALID`, and nothing changes. */
export function describeRefusals(fact: SpecimenFact): void {
  const ids = [...hostileIds, ['256 characters', 'x'.repeat(256)] as const, ['a number', 1] as const];
  for (const [name, value] of ids) {
    fact(`refuses a key: ${name}`, async ({ store }) => {
      const id: string = untyped(value);
      const stored = await store.insert({ id: 'a' });
      await assertCode('INVALID', async () => store.get(id));
      await assertCode('INVALID', async () => store.getMany(['a', id]));
      await assertCode('INVALID', async () => store.exists(id));
      await assertCode('INVALID', async () => store.delete(id));
      await assertCode('INVALID', async () => store.insert({ id }));
      await assertCode('INVALID', async () => store.insertMany([{ id: 'b' }, { id }]));
      await assertCode('INVALID', async () => store.upsert({ id }));
      await assertCode('INVALID', async () => store.replace({ id, version: 1 }));
      assert.deepEqual(await store.find({}), [stored]);
    });
  }

  for (const hostile of hostileFilters) {
    fact(`refuses a filter: ${nameOf(hostile)}`, async ({ store }) => {
      const filter: Filter<Specimen> = untyped(hostile);
      await store.insert({ id: 'a', n: 1 });
      await assertCode('INVALID', async () => store.find(filter));
      await assertCode('INVALID', async () => store.count(filter));
      await assertCode('INVALID', async () => store.deleteMany(filter));
      assert.equal(await store.count(), 1);
    });
  }

  fact('refuses to find or delete without a filter', async ({ store }) => {
    await store.insert({ id: 'a' });
    await assertCode('INVALID', async () => store.find(untyped(undefined)));
    await assertCode('INVALID', async () => store.deleteMany(untyped(undefined)));
    assert.equal(await store.count(), 1);
  });

  for (const orderBy of hostileOrders) {
    fact(`refuses an order: ${nameOf(orderBy)}`, async ({ store }) => {
      await assertCode('INVALID', async () => store.find({}, { orderBy: untyped(orderBy) }));
    });
  }

  for (const count of hostileCounts) {
    fact(`refuses a limit, and as something to skip: ${nameOf(count)}`, async ({ store }) => {
      await assertCode('INVALID', async () => store.find({}, { limit: untyped(count) }));
      if (count !== 0) {
        await assertCode('INVALID', async () => store.find({}, { skip: untyped(count) }));
      }
    });
  }

  for (const version of hostileVersions) {
    fact(`refuses a version: ${nameOf(version)}`, async ({ store }) => {
      const stored = await store.insert({ id: 'a' });
      await assertCode('INVALID', async () => store.replace({ id: 'a', version: untyped(version) }));
      await assertCode('INVALID', async () => store.replace({ id: 'absent', version: untyped(version) }));
      await assertCode('INVALID', async () => store.delete('a', { version: untyped(version) }));
      assert.deepEqual(await store.find({}), [stored]);
    });
  }

  for (const list of hostileLists) {
    fact(`refuses what is no list: ${nameOf(list)}`, async ({ store }) => {
      await assertCode('INVALID', async () => store.insertMany(untyped(list)));
      await assertCode('INVALID', async () => store.getMany(untyped(list)));
      assert.equal(await store.count(), 0);
    });
  }

  for (const value of hostileOptions) {
    fact(`refuses what are no options: ${nameOf(value)}`, async ({ store }) => {
      const stored = await store.insert({ id: 'a' });
      await assertCode('INVALID', async () => store.get('a', untyped(value)));
      await assertCode('INVALID', async () => store.getMany(['a'], untyped(value)));
      await assertCode('INVALID', async () => store.find({}, untyped(value)));
      await assertCode('INVALID', async () => store.insert({ id: 'b' }, untyped(value)));
      await assertCode('INVALID', async () => store.insertMany([{ id: 'b' }], untyped(value)));
      await assertCode('INVALID', async () => store.replace(stored, untyped(value)));
      await assertCode('INVALID', async () => store.upsert({ id: 'b' }, untyped(value)));
      await assertCode('INVALID', async () => store.delete('a', untyped(value)));
      await assertCode('INVALID', async () => store.deleteMany({}, untyped(value)));
      await assertCode('INVALID', async () => store.count({}, untyped(value)));
      await assertCode('INVALID', async () => store.exists('a', untyped(value)));
      assert.deepEqual(await store.find({}), [stored]);
    });
  }

  fact('refuses to replace without a version', async ({ store }) => {
    const stored = await store.insert({ id: 'a' });
    await assertCode('INVALID', async () => store.replace(untyped({ id: 'a' })));
    assert.deepEqual(await store.get('a'), stored);
  });

  fact('refuses documents that have a member "version" of their own', async ({ store }) => {
    await assertCode('INVALID', async () => store.insert({ id: 'a', version: 1 }));
    await assertCode('INVALID', async () => store.insertMany([{ id: 'a', version: null }]));
    await assertCode('INVALID', async () => store.upsert({ id: 'a', version: 'x' }));
    assert.equal(await store.count(), 0);
    await store.insert({ id: 'a', nested: { version: 'free' } });
  });
}
