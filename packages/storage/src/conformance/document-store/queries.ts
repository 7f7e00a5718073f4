import assert from 'node:assert/strict';
import type { OrderBy } from '../../ports/order.ts';
import { nameOf } from '../hostile-queries.ts';
import { filterFacts } from './filter-facts.ts';
import { catalogue, idsOf, type SpecimenFact } from './specimen.ts';

const orderFacts: readonly (readonly [orderBy: readonly OrderBy[], ids: string])[] = [
  [
    [{ path: 'a' }],
    'list-empty absent list-null null number-negative number-0 number-half list-numbers number-1 number-2 list-objects number-big text-empty text-quote text-1 text-date text-capital list-texts text-b text-wildcards text-bc text-private text-astral object-empty object-null object object-more object-deep list-nested false true',
  ],
  [
    [{ path: 'a', direction: 'desc' }],
    'true false list-nested object-deep list-objects object-more object object-null object-empty text-astral text-private list-texts text-bc text-wildcards text-b text-capital text-date text-1 text-quote text-empty number-big list-numbers number-2 number-1 number-half number-0 number-negative absent list-null null list-empty',
  ],
  [
    [{ path: 'n', direction: 'desc' }, { path: 'a.b' }],
    'list-empty list-numbers null number-2 number-negative object-empty text-1 text-bc text-empty text-wildcards false list-null list-texts number-1 number-half object-null text-b text-date text-quote object-deep absent list-nested list-objects number-0 number-big text-astral text-capital text-private true object object-more',
  ],
  [
    [
      { path: 'a.b', direction: 'desc' },
      { path: 'id', direction: 'desc' },
    ],
    'object-deep list-objects object-more object true text-wildcards text-quote text-private text-empty text-date text-capital text-bc text-b text-astral text-1 object-null object-empty number-negative number-half number-big number-2 number-1 number-0 null list-texts list-numbers list-null list-nested list-empty false absent',
  ],
  [
    [{ path: 'a.0', direction: 'asc' }],
    'absent false list-empty list-null null number-0 number-1 number-2 number-big number-half number-negative object object-deep object-empty object-more object-null text-1 text-astral text-b text-bc text-capital text-date text-empty text-private text-quote text-wildcards true list-numbers list-texts list-objects list-nested',
  ],
];

/** Which documents match, and in what order they come. */
export function describeQueries(fact: SpecimenFact): void {
  const shuffled = [...catalogue].sort((a, b) => a.id.length - b.id.length);

  for (const [topic, facts] of Object.entries(filterFacts)) {
    fact(`filters find, count and delete what they mean: ${topic}`, async ({ store }) => {
      await store.insertMany(shuffled);
      for (const [filter, expected] of facts) {
        const ids = expected === '' ? [] : expected.split(' ');
        assert.deepEqual(idsOf(await store.find(filter)), ids, nameOf(filter));
        assert.equal(await store.count(filter), ids.length, nameOf(filter));
        assert.equal(await store.deleteMany(filter), ids.length, nameOf(filter));
        const left = catalogue.filter(({ id }) => !ids.includes(id));
        assert.deepEqual(idsOf(await store.find({})), idsOf(left), nameOf(filter));
        await store.insertMany(catalogue.filter(({ id }) => ids.includes(id)));
      }
    });
  }

  for (const [orderBy, ids] of orderFacts) {
    fact(`orders by ${nameOf(orderBy)} with ties by key`, async ({ store }) => {
      await store.insertMany(shuffled);
      assert.deepEqual(idsOf(await store.find({}, { orderBy })).join(' '), ids);
    });
  }

  fact('orders by key when nothing else is asked, by code point', async ({ store }) => {
    const ids = ['B', 'a', 'aa', 'b', '\u00e9', '\ue000', '\uffff', '\u{10000}', '\u{10ffff}'];
    await store.insertMany([...ids].reverse().map((id) => ({ id })));
    assert.deepEqual(idsOf(await store.find({})), ids);
    assert.deepEqual(idsOf(await store.find({}, { orderBy: [] })), ids);
    assert.deepEqual(idsOf(await store.find({}, { orderBy: [{ path: 'id', direction: 'desc' }] })), [...ids].reverse());
  });

  fact('skip and limit cut a stretch out of the order', async ({ store }) => {
    await store.insertMany(['e', 'd', 'c', 'b', 'a'].map((id, index) => ({ id, n: index % 2 })));
    const orderBy: readonly OrderBy[] = [{ path: 'n', direction: 'desc' }];
    const find = async (options: { limit?: number; skip?: number }) =>
      idsOf(await store.find({}, { ...options, orderBy })).join('');
    assert.equal(await find({}), 'bdace');
    assert.equal(await find({ limit: 2 }), 'bd');
    assert.equal(await find({ skip: 1, limit: 2 }), 'da');
    assert.equal(await find({ skip: 3 }), 'ce');
    assert.equal(await find({ skip: 0, limit: 100 }), 'bdace');
    assert.equal(await find({ skip: 5 }), '');
    assert.equal(await find({ skip: Number.MAX_SAFE_INTEGER, limit: Number.MAX_SAFE_INTEGER }), '');
    assert.equal(await find({ limit: Number.MAX_SAFE_INTEGER }), 'bdace');
    assert.deepEqual(idsOf(await store.find({ n: 0 }, { skip: 1, limit: 1 })), ['c']);
  });

  fact('the version is no member of the document and matches no filter', async ({ store }) => {
    await store.insert({ id: 'a' });
    assert.deepEqual(await store.find({ version: 1 }), []);
    assert.equal(await store.count({ version: { $exists: true } }), 0);
  });

  fact('filters see what was written last', async ({ store }) => {
    const stored = await store.insert({ id: 'a', group: 'x', a: [1] });
    await store.replace({ ...stored, group: 'y', a: 2 });
    assert.equal(await store.count({ group: 'x' }), 0);
    assert.equal(await store.count({ a: 1 }), 0);
    assert.deepEqual(idsOf(await store.find({ group: 'y', a: { $gt: 1 } })), ['a']);
  });
}
