import assert from 'node:assert/strict';
import type { Filter } from '../../filter/filter.ts';
import type { OrderBy } from '../../ports/order.ts';
import { nameOf } from '../hostile-queries.ts';
import { untyped } from '../untyped.ts';
import { createPart, idsOf, type Part, part, type RelationalFact, scanAll } from './entities.ts';
import { catalogue } from './part-catalogue.ts';
import { partFilterFacts } from './part-filter-facts.ts';

const orderFacts: readonly (readonly [orderBy: readonly OrderBy[], ids: string])[] = [
  [
    [{ path: 'name' }],
    'bare dated dated-later dated-ms details-list details-null details-object details-text empty capital wild big negative nut nut-2 unicode-2 unicode',
  ],
  [
    [{ path: 'size', direction: 'desc' }],
    'big nut-2 details-list details-null details-object details-text capital dated-later nut dated empty negative bare dated-ms unicode unicode-2 wild',
  ],
  [
    [{ path: 'weight' }],
    'bare capital dated dated-later dated-ms details-list details-null details-object details-text unicode-2 wild negative empty unicode nut-2 nut big',
  ],
  [
    [{ path: 'isSpare', direction: 'desc' }, { path: 'made' }],
    'nut dated-later nut-2 dated-ms bare big capital details-list details-null details-object details-text empty negative unicode unicode-2 wild dated',
  ],
  [
    [{ path: 'checked' }, { path: 'id', direction: 'desc' }],
    'wild unicode-2 unicode nut-2 nut negative empty details-text details-object details-null details-list dated-ms capital big bare dated-later dated',
  ],
  [
    [{ path: 'details' }],
    'bare big dated dated-later dated-ms details-null empty negative nut nut-2 unicode unicode-2 wild details-list details-text details-object capital',
  ],
  [
    [{ path: 'details.maker.city', direction: 'desc' }],
    'capital details-object bare big dated dated-later dated-ms details-list details-null details-text empty negative nut nut-2 unicode unicode-2 wild',
  ],
  [
    [{ path: 'size' }, { path: 'name', direction: 'desc' }],
    'unicode unicode-2 wild bare dated-ms negative empty dated nut capital dated-later details-list details-null details-object details-text nut-2 big',
  ],
];

/** Which entities match, and in what order they come. */
export function describeRelationalQueries(fact: RelationalFact): void {
  const shuffled = [...catalogue].sort((a, b) => a.id.length - b.id.length);

  for (const [topic, facts] of Object.entries(partFilterFacts)) {
    fact(`filters find, count, page and scan what they mean: ${topic}`, async ({ store }) => {
      const parts = store.repository(part);
      await parts.addMany(shuffled);
      for (const [free, expected] of facts) {
        const filter: Filter<Part> = untyped(free);
        const ids = expected === '' ? [] : expected.split(' ');
        const name = nameOf(free);
        assert.deepEqual(idsOf(await parts.find(filter)), ids, name);
        assert.equal(await parts.count(filter), ids.length, name);
        assert.deepEqual(idsOf(await scanAll(parts, filter)), ids, name);
        const page = await parts.page({ filter, page: 1, pageSize: 2 });
        assert.deepEqual([idsOf([...page.items]), page.total], [ids.slice(0, 2), ids.length], name);
      }
    });
  }

  for (const [orderBy, ids] of orderFacts) {
    fact(`orders by ${nameOf(orderBy)} with ties by key`, async ({ store }) => {
      const parts = store.repository(part);
      await parts.addMany(shuffled);
      assert.equal(idsOf(await parts.find({}, { orderBy })).join(' '), ids);
      const found = await parts.find({ size: { $exists: true } }, { orderBy, limit: 4 });
      const sized = ids.split(' ').filter((id) => catalogue.find((entity) => entity.id === id)?.size !== undefined);
      assert.deepEqual(idsOf(found), sized.slice(0, 4));
    });
  }

  fact('orders by key when nothing else is asked, by code point', async ({ store }) => {
    const parts = store.repository(part);
    const ids = ['B', 'a', 'aa', 'b', '\u00e9', '\ue000', '\uffff', '\u{10000}', '\u{10ffff}'];
    await parts.addMany([...ids].reverse().map((id) => createPart(id)));
    assert.deepEqual(idsOf(await parts.find({})), ids);
    assert.deepEqual(idsOf(await parts.find({}, { orderBy: [] })), ids);
    assert.deepEqual(idsOf(await scanAll(parts, {})), ids);
    assert.deepEqual(idsOf(await parts.find({}, { orderBy: [{ path: 'id', direction: 'desc' }] })), [...ids].reverse());
  });

  fact('a limit keeps the first of the order', async ({ store }) => {
    const parts = store.repository(part);
    await parts.addMany(['c', 'a', 'b'].map((id, size) => createPart(id, { size })));
    assert.deepEqual(idsOf(await parts.find({}, { limit: 2 })), ['a', 'b']);
    assert.deepEqual(idsOf(await parts.find({}, { orderBy: [{ path: 'size' }], limit: 1 })), ['c']);
    assert.deepEqual(idsOf(await parts.find({}, { limit: Number.MAX_SAFE_INTEGER })), ['a', 'b', 'c']);
  });

  fact('filters see what was written last', async ({ store }) => {
    const parts = store.repository(part);
    const stored = await parts.add(createPart('a', { name: 'x', details: [1] }));
    await parts.update({ ...stored, name: 'y', details: [2] });
    assert.equal(await parts.count({ name: 'x' }), 0);
    assert.equal(await parts.count({ details: 1 }), 0);
    assert.deepEqual(idsOf(await parts.find({ name: 'y', details: 2 })), ['a']);
  });
}
