import assert from 'node:assert/strict';
import type { Filter } from '../../filter/filter.ts';
import { assertCode } from '../assert-code.ts';
import { hostileCounts, hostileFilters, nameOf } from '../hostile-queries.ts';
import { untyped } from '../untyped.ts';
import { type Entry, type EntryFact, sequencesOf, toPlain } from './entry.ts';

const entries: readonly Entry[] = [
  { n: 0 },
  { n: 1, value: null },
  { n: 2, value: 'bolt' },
  { n: 3, value: ['bolt', 7] },
  { n: 4, value: { maker: { city: 'Oslo' } } },
  { n: 5, value: [{ maker: { city: 'Oslo' } }, { maker: { city: 'Bergen' } }] },
  { n: -6.5, value: true },
  { n: 7, value: 7 },
];

const facts: readonly (readonly [filter: Filter<Entry>, sequences: readonly number[]])[] = [
  [{}, [0, 1, 2, 3, 4, 5, 6, 7]],
  [{ n: 3 }, [3]],
  [{ n: { $lt: 1 } }, [0, 6]],
  [{ n: { $in: [7, 1, 99] } }, [1, 7]],
  [{ value: null }, [0, 1]],
  [{ value: { $exists: false } }, [0]],
  [{ value: 'bolt' }, [2, 3]],
  [{ value: 7 }, [3, 7]],
  [{ value: { $startsWith: 'b' } }, [2, 3]],
  [{ 'value.maker.city': 'Oslo' }, [4, 5]],
  [{ value: { $elemMatch: { 'maker.city': 'Bergen' } } }, [5]],
  [{ $or: [{ n: 0 }, { value: true }] }, [0, 6]],
  [{ value: { $not: { $exists: true } } }, [0]],
  [{ n: { $gt: 100 } }, []],
];

/** Finding by content. */
export function describeSearches(fact: EntryFact): void {
  fact('finds the records whose document matches, ascending', async ({ store }) => {
    await store.appendBatch('a', 0, entries);
    await store.append('b', 0, { n: 3, value: 'bolt' });
    for (const [filter, sequences] of facts) {
      assert.deepEqual(sequencesOf(await store.find('a', filter)), sequences, nameOf(filter));
    }
  });

  fact('what is found are the records as they are stored', async ({ store }) => {
    const written = await store.appendBatch('a', 0, entries);
    assert.deepEqual((await store.find('a', { n: 4 })).map(toPlain), [toPlain(written[4])]);
  });

  fact('a limit keeps the first ones', async ({ store }) => {
    await store.appendBatch('a', 0, entries);
    assert.deepEqual(sequencesOf(await store.find('a', { n: { $gt: 0 } }, { limit: 2 })), [1, 2]);
    assert.deepEqual(sequencesOf(await store.find('a', { n: 7 }, { limit: 1 })), [7]);
    assert.equal((await store.find('a', {}, { limit: Number.MAX_SAFE_INTEGER })).length, 8);
  });

  fact('finds in a long stream', async ({ store }) => {
    await store.appendBatch(
      'a',
      0,
      Array.from({ length: 1_500 }, (_, index) => ({ n: index % 500 })),
    );
    assert.deepEqual(sequencesOf(await store.find('a', { n: 499 })), [499, 999, 1_499]);
  });

  for (const hostile of hostileFilters) {
    fact(`refuses a filter, also on an empty stream: ${nameOf(hostile)}`, async ({ store }) => {
      const filter: Filter<Entry> = untyped(hostile);
      await store.append('a', 0, { n: 0 });
      await assertCode('INVALID', async () => store.find('a', filter));
      await assertCode('INVALID', async () => store.find('empty', filter));
    });
  }

  for (const limit of hostileCounts) {
    fact(`refuses a limit: ${nameOf(limit)}`, async ({ store }) => {
      await assertCode('INVALID', async () => store.find('a', {}, { limit: untyped(limit) }));
    });
  }

  fact('refuses to find without a filter', async ({ store }) => {
    await assertCode('INVALID', async () => store.find('a', untyped(undefined)));
  });
}
