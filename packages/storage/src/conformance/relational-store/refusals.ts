import assert from 'node:assert/strict';
import { z } from 'zod';
import type { Filter } from '../../filter/filter.ts';
import { defineEntity } from '../../schema/define-entity.ts';
import { assertCode, assertThrowsCode } from '../assert-code.ts';
import {
  hostileCounts,
  hostileFilters,
  hostileLists,
  hostileOptions,
  hostileOrders,
  hostileVersions,
  mistypedConditions,
  nameOf,
} from '../hostile-queries.ts';
import { hostileIds } from '../json-specimens.ts';
import { untyped } from '../untyped.ts';
import { account, createPart, type Part, part, type RelationalFact, scanAll } from './entities.ts';

const stranger = defineEntity({ name: 'stranger', schema: z.object({ id: z.string() }), key: 'id' });

/** Malformed arguments: `INVALID`, and nothing changes. */
export function describeRelationalRefusals(fact: RelationalFact): void {
  fact('refuses entities that it was not opened with', async ({ store }) => {
    assertThrowsCode('INVALID', () => store.repository(stranger));
    await store.transaction(async (inner) => {
      assertThrowsCode('INVALID', () => inner.repository(stranger));
    });
  });

  const ids = [...hostileIds, ['256 characters', 'x'.repeat(256)] as const, ['a number', 1] as const];
  for (const [name, value] of ids) {
    fact(`refuses a key: ${name}`, async ({ store }) => {
      const parts = store.repository(part);
      const id: string = untyped(value);
      const stored = await parts.add(createPart('a'));
      await assertCode('INVALID', async () => parts.get(id));
      await assertCode('INVALID', async () => parts.exists(id));
      await assertCode('INVALID', async () => parts.delete(id));
      await assertCode('INVALID', async () => parts.add(createPart(id)));
      await assertCode('INVALID', async () => parts.addMany([createPart('b'), createPart(id)]));
      await assertCode('INVALID', async () => parts.update({ ...createPart(id), version: 1 }));
      assert.deepEqual(await parts.find({}), [stored]);
    });
  }

  for (const value of [0.5, Number.NaN, Number.POSITIVE_INFINITY, 2 ** 53, '1', null, undefined, 1n]) {
    fact(`refuses a key that is no integer: ${nameOf(value)}`, async ({ store }) => {
      const accounts = store.repository(account);
      const id: number = untyped(value);
      await accounts.add({ id: 1, sum: 0 });
      await assertCode('INVALID', async () => accounts.get(id));
      await assertCode('INVALID', async () => accounts.exists(id));
      await assertCode('INVALID', async () => accounts.delete(id));
      await assertCode('INVALID', async () => accounts.add({ id, sum: 0 }));
      assert.equal(await accounts.count(), 1);
    });
  }

  for (const hostile of hostileFilters) {
    fact(`refuses a filter: ${nameOf(hostile)}`, async ({ store }) => {
      const parts = store.repository(part);
      const filter: Filter<Part> = untyped(hostile);
      await assertCode('INVALID', async () => parts.find(filter));
      await assertCode('INVALID', async () => parts.count(filter));
      await assertCode('INVALID', async () => scanAll(parts, filter));
    });
  }

  for (const path of ['unknown', 'Name', 'version', 'constructor', 'name.x', 'made.0', 'size.x.y']) {
    fact(`refuses a path that is no column: ${path}`, async ({ store }) => {
      const parts = store.repository(part);
      await parts.add(createPart('a'));
      for (const condition of mistypedConditions) {
        for (const free of [{ [path]: condition }, { $or: [{ id: 'a' }, { size: 1, [path]: condition }] }]) {
          const filter: Filter<Part> = untyped(free);
          await assertCode('INVALID', async () => parts.find(filter));
          await assertCode('INVALID', async () => parts.count(filter));
          await assertCode('INVALID', async () => scanAll(parts, filter));
          await assertCode('INVALID', async () => parts.page({ filter, page: 1, pageSize: 1 }));
        }
      }
      const orderBy = [{ path: 'id' }, { path }];
      await assertCode('INVALID', async () => parts.find({}, { orderBy }));
      await assertCode('INVALID', async () => parts.page({ orderBy, page: 1, pageSize: 1 }));
    });
  }

  fact('refuses to find or scan without a filter', async ({ store }) => {
    const parts = store.repository(part);
    await assertCode('INVALID', async () => parts.find(untyped(undefined)));
    await assertCode('INVALID', async () => scanAll(parts, untyped(undefined)));
  });

  for (const orderBy of hostileOrders) {
    fact(`refuses an order: ${nameOf(orderBy)}`, async ({ store }) => {
      await assertCode('INVALID', async () => store.repository(part).find({}, { orderBy: untyped(orderBy) }));
    });
  }

  for (const limit of hostileCounts) {
    fact(`refuses a limit: ${nameOf(limit)}`, async ({ store }) => {
      await assertCode('INVALID', async () => store.repository(part).find({}, { limit: untyped(limit) }));
    });
  }

  for (const version of hostileVersions) {
    fact(`refuses a version: ${nameOf(version)}`, async ({ store }) => {
      const parts = store.repository(part);
      const stored = await parts.add(createPart('a'));
      await assertCode('INVALID', async () => parts.update({ ...createPart('a'), version: untyped(version) }));
      await assertCode('INVALID', async () => parts.update({ ...createPart('absent'), version: untyped(version) }));
      await assertCode('INVALID', async () => parts.delete('a', { version: untyped(version) }));
      assert.deepEqual(await parts.find({}), [stored]);
    });
  }

  for (const list of hostileLists) {
    fact(`refuses what is no list of entities, and no page: ${nameOf(list)}`, async ({ store }) => {
      const parts = store.repository(part);
      await assertCode('INVALID', async () => parts.addMany(untyped(list)));
      await assertCode('INVALID', async () => parts.page(untyped(list)));
      assert.equal(await parts.count(), 0);
    });
  }

  for (const value of hostileOptions) {
    fact(`refuses what are no options: ${nameOf(value)}`, async ({ store }) => {
      const parts = store.repository(part);
      const stored = await parts.add(createPart('a'));
      await assertCode('INVALID', async () => parts.get('a', untyped(value)));
      await assertCode('INVALID', async () => parts.find({}, untyped(value)));
      await assertCode('INVALID', async () => parts.page({ page: 1, pageSize: 1 }, untyped(value)));
      await assertCode('INVALID', async () => Array.fromAsync(parts.scan({}, untyped(value))));
      await assertCode('INVALID', async () => parts.add(createPart('b'), untyped(value)));
      await assertCode('INVALID', async () => parts.addMany([createPart('b')], untyped(value)));
      await assertCode('INVALID', async () => parts.update(stored, untyped(value)));
      await assertCode('INVALID', async () => parts.delete('a', untyped(value)));
      await assertCode('INVALID', async () => parts.exists('a', untyped(value)));
      await assertCode('INVALID', async () => parts.count({}, untyped(value)));
      await assertCode('INVALID', async () => store.transaction(async () => undefined, untyped(value)));
      assert.deepEqual(await parts.find({}), [stored]);
    });
  }

  fact('refuses to add what brings a version, and to update without one', async ({ store }) => {
    const parts = store.repository(part);
    const stored = await parts.add(createPart('a'));
    await assertCode('INVALID', async () => parts.add(untyped({ ...createPart('b'), version: 1 })));
    await assertCode('INVALID', async () => parts.update(untyped(createPart('a'))));
    assert.deepEqual(await parts.find({}), [stored]);
  });
}
