import assert from 'node:assert/strict';
import type { RelationalStore } from '../../ports/relational-store.ts';
import { assertCode } from '../assert-code.ts';
import { checkReopened } from '../check-reopened.ts';
import type { Fact } from '../create-fact.ts';
import type { OpenedDurableStore } from '../opened-store.ts';
import { account, createPart, listIds, part } from './entities.ts';
import { catalogue } from './part-catalogue.ts';

/** What was acknowledged outlives the store. */
export function describeRelationalDurability(fact: Fact<OpenedDurableStore<RelationalStore>>): void {
  fact('entities come back with their values and versions', async (opened) => {
    const parts = opened.store.repository(part);
    const stored = await parts.addMany(catalogue);
    await parts.update({ ...createPart('bare', { size: 7 }), version: stored[0]?.version ?? 0 });
    await parts.delete('big');
    await opened.store.repository(account).add({ id: -1, sum: 2 });
    const before = await parts.find({});
    assert.equal(before.length, catalogue.length - 1);
    await checkReopened(opened, async (store) => {
      assert.deepEqual(await store.repository(part).find({}), before);
      assert.deepEqual(await store.repository(part).get('bare'), { ...createPart('bare', { size: 7 }), version: 2 });
      assert.deepEqual(await store.repository(account).get(-1), { id: -1, sum: 2, version: 1 });
    });
  });

  fact('a transaction that succeeded comes back whole, one that failed not at all', async (opened) => {
    await opened.store.transaction(async (inner) => {
      await inner.repository(part).addMany([createPart('a'), createPart('b')]);
    });
    const changeOfMind = new Error('changed my mind');
    const failing = opened.store.transaction(async (inner) => {
      await inner.repository(part).addMany([createPart('c'), createPart('d')]);
      throw changeOfMind;
    });
    await assert.rejects(failing, changeOfMind);
    await checkReopened(opened, async (store) => {
      assert.deepEqual(await listIds(store), ['a', 'b']);
    });
  });

  fact('unique values stay taken', async (opened) => {
    await opened.store.repository(part).add(createPart('a', { code: 'x', shelf: 's', place: 1 }));
    await checkReopened(opened, async (store) => {
      const parts = store.repository(part);
      await assertCode('ALREADY_EXISTS', async () => parts.add(createPart('b', { code: 'x' })));
      await assertCode('ALREADY_EXISTS', async () => parts.add(createPart('b', { shelf: 's', place: 1 })));
    });
  });

  fact('tenants come back with their own rows', async (opened) => {
    for (const id of ['one', 'two']) {
      await opened.store.tenant(id).repository(part).add(createPart(id));
    }
    await checkReopened(opened, async (store) => {
      assert.deepEqual(await listIds(store.tenant('one')), ['one']);
      assert.deepEqual(await listIds(store.tenant('two')), ['two']);
      assert.deepEqual(await listIds(store.tenant('three')), []);
      assert.deepEqual(await listIds(store), []);
    });
  });

  fact('a store that was never written opens again empty', async (opened) => {
    await checkReopened(opened, async (store) => {
      assert.deepEqual(await listIds(store), []);
      await store.repository(part).add(createPart('a'));
    });
  });
}
