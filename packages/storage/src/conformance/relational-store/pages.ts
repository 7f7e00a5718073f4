import assert from 'node:assert/strict';
import { MAX_PAGE_SIZE } from '../../ports/repository.ts';
import { assertCode } from '../assert-code.ts';
import { hostileCounts, hostileFilters, hostileOrders, nameOf } from '../hostile-queries.ts';
import { untyped } from '../untyped.ts';
import { createPart, idsOf, part, type RelationalFact } from './entities.ts';

/** One page at a time. */
export function describePages(fact: RelationalFact): void {
  fact('every page has its items and the facts about all pages', async ({ store }) => {
    const parts = store.repository(part);
    await parts.addMany(['a', 'b', 'c', 'd', 'e'].map((id) => createPart(id)));
    const pages = await Promise.all([1, 2, 3, 4].map(async (page) => parts.page({ page, pageSize: 2 })));
    assert.deepEqual(
      pages.map(({ items }) => idsOf([...items]).join('')),
      ['ab', 'cd', 'e', ''],
    );
    assert.deepEqual(
      pages.map(({ page, pageSize, total, pageCount, hasNext, hasPrevious }) => ({
        page,
        pageSize,
        total,
        pageCount,
        hasNext,
        hasPrevious,
      })),
      [
        { page: 1, pageSize: 2, total: 5, pageCount: 3, hasNext: true, hasPrevious: false },
        { page: 2, pageSize: 2, total: 5, pageCount: 3, hasNext: true, hasPrevious: true },
        { page: 3, pageSize: 2, total: 5, pageCount: 3, hasNext: false, hasPrevious: true },
        { page: 4, pageSize: 2, total: 5, pageCount: 3, hasNext: false, hasPrevious: true },
      ],
    );
  });

  fact('an empty store has one empty page and no pages', async ({ store }) => {
    assert.deepEqual(await store.repository(part).page({ page: 1, pageSize: 10 }), {
      items: [],
      page: 1,
      pageSize: 10,
      total: 0,
      pageCount: 0,
      hasNext: false,
      hasPrevious: false,
    });
  });

  fact('a page counts and orders only what matches', async ({ store }) => {
    const parts = store.repository(part);
    await parts.addMany(
      Array.from({ length: 9 }, (_, index) => createPart(`id-${index}`, { size: index % 3, weight: -index })),
    );
    const page = await parts.page({ filter: { size: 1 }, orderBy: [{ path: 'weight' }], page: 2, pageSize: 2 });
    assert.deepEqual([idsOf([...page.items]), page.total, page.pageCount], [['id-1'], 3, 2]);
  });

  fact('takes the largest page and a page very far out', async ({ store }) => {
    const parts = store.repository(part);
    await parts.addMany(Array.from({ length: MAX_PAGE_SIZE + 1 }, (_, index) => createPart(`id-${index}`)));
    assert.equal((await parts.page({ page: 1, pageSize: MAX_PAGE_SIZE })).items.length, MAX_PAGE_SIZE);
    const far = await parts.page({ page: Number.MAX_SAFE_INTEGER, pageSize: MAX_PAGE_SIZE });
    assert.deepEqual([far.items, far.total, far.hasNext], [[], MAX_PAGE_SIZE + 1, false]);
  });

  fact('items and total are of one moment', async ({ store }) => {
    const parts = store.repository(part);
    const changes = Array.from({ length: 10 }, (_, index) => index);
    const pages = await Promise.all([
      ...changes.map(async () => parts.page({ page: 1, pageSize: 100 })),
      ...changes.map(async (index) => {
        await parts.addMany([createPart(`a${index}`), createPart(`b${index}`)]);
        return parts.page({ page: 1, pageSize: 100 });
      }),
    ]);
    assert.deepEqual(
      pages.filter(({ items, total }) => items.length !== total || total % 2 !== 0),
      [],
    );
  });

  for (const count of [...hostileCounts, undefined]) {
    fact(`refuses a page and a page size: ${nameOf(count)}`, async ({ store }) => {
      const parts = store.repository(part);
      await assertCode('INVALID', async () => parts.page({ page: untyped(count), pageSize: 10 }));
      await assertCode('INVALID', async () => parts.page({ page: 1, pageSize: untyped(count) }));
    });
  }

  fact('refuses a page size above the largest', async ({ store }) => {
    await assertCode('INVALID', async () => store.repository(part).page({ page: 1, pageSize: MAX_PAGE_SIZE + 1 }));
  });

  fact('refuses malformed filters and orders', async ({ store }) => {
    const parts = store.repository(part);
    for (const filter of hostileFilters) {
      await assertCode('INVALID', async () => parts.page({ filter: untyped(filter), page: 1, pageSize: 1 }));
    }
    for (const orderBy of [...hostileOrders, null]) {
      await assertCode('INVALID', async () => parts.page({ orderBy: untyped(orderBy), page: 1, pageSize: 1 }));
    }
  });
}
