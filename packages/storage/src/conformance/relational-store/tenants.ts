import assert from 'node:assert/strict';
import { assertCode, assertThrowsCode } from '../assert-code.ts';
import { assertHealth } from '../assert-health.ts';
import { nameOf } from '../hostile-queries.ts';
import { untyped } from '../untyped.ts';
import { account, createPart, listIds, part, type RelationalFact, scanAll } from './entities.ts';

const hostileTenants: readonly unknown[] = [
  '',
  '-a',
  'a-',
  '-',
  'A',
  'a_b',
  'a.b',
  '..',
  'a/b',
  'a\\b',
  'a b',
  'a\u0000',
  'a\n',
  '\u00e9',
  '\u0661',
  'x'.repeat(64),
  1,
  null,
  undefined,
  ['a'],
];

/** Separate spaces in one store. */
export function describeTenants(fact: RelationalFact): void {
  fact('no row of one tenant is seen by another or by the store itself', async ({ store }) => {
    const spaces = [store, store.tenant('one'), store.tenant('two'), store.tenant('o-n-e')];
    for (const [index, space] of spaces.entries()) {
      await space.repository(part).add(createPart('same', { code: 'same', size: index }));
      await space.repository(part).add(createPart(`own-${index}`));
    }
    for (const [index, space] of spaces.entries()) {
      assert.deepEqual(await listIds(space), [`own-${index}`, 'same']);
      assert.equal((await space.repository(part).get('same'))?.size, index);
      assert.equal(await space.repository(part).count({ code: 'same' }), 1);
      assert.equal((await space.repository(part).page({ page: 1, pageSize: 10 })).total, 2);
      assert.equal((await scanAll(space.repository(part), {})).length, 2);
    }
    await store.tenant('one').repository(part).delete('same');
    assert.equal(await store.tenant('two').repository(part).exists('same'), true);
    assert.equal(await store.repository(part).exists('same'), true);
  });

  fact('a tenant that was never written reads as empty', async ({ store }) => {
    const parts = store.tenant('new').repository(part);
    assert.equal(await parts.get('a'), undefined);
    assert.deepEqual(await parts.find({}), []);
    assert.equal(await parts.count(), 0);
    assert.equal(await parts.delete('a'), false);
    assert.deepEqual(await scanAll(parts, {}), []);
    assert.equal((await parts.page({ page: 1, pageSize: 1 })).total, 0);
    await assertCode('NOT_FOUND', async () => parts.update({ ...createPart('a'), version: 1 }));
  });

  fact('two handles of one tenant share its rows', async ({ store }) => {
    const stored = await store.tenant('one').repository(part).add(createPart('a'));
    assert.deepEqual(await store.tenant('one').repository(part).get('a'), stored);
  });

  fact('a transaction of a tenant concerns this tenant', async ({ store }) => {
    const tenant = store.tenant('one');
    await tenant.transaction(async (inner) => {
      await inner.repository(part).add(createPart('a'));
      await inner.repository(account).add({ id: 1, sum: 1 });
      assertThrowsCode('UNSUPPORTED', () => inner.tenant('two'));
    });
    const changeOfMind = new Error('changed my mind');
    const failing = tenant.transaction(async (inner) => {
      await inner.repository(part).add(createPart('b'));
      throw changeOfMind;
    });
    await assert.rejects(failing, changeOfMind);
    assert.deepEqual(await listIds(tenant), ['a']);
    assert.deepEqual(await listIds(store), []);
  });

  fact('many tenants can be written and read at once', async ({ store }) => {
    const ids = Array.from({ length: 30 }, (_, index) => `tenant-${index}`);
    await Promise.all(ids.map(async (id) => store.tenant(id).repository(part).add(createPart(id))));
    const seen = await Promise.all(ids.map(async (id) => listIds(store.tenant(id))));
    assert.deepEqual(
      seen,
      ids.map((id) => [id]),
    );
  });

  fact('takes ids of 1 and of 63 characters', async ({ store }) => {
    for (const id of ['a', '0', 'x'.repeat(63), 'a--b']) {
      await store.tenant(id).repository(part).add(createPart('a'));
      assert.deepEqual(await listIds(store.tenant(id)), ['a']);
    }
  });

  for (const id of hostileTenants) {
    fact(`refuses an id of a tenant: ${nameOf(id)}`, async ({ store }) => {
      assertThrowsCode('INVALID', () => store.tenant(untyped(id)));
    });
  }

  fact('a tenant has no tenants', async ({ store }) => {
    assertThrowsCode('UNSUPPORTED', () => store.tenant('one').tenant('two'));
  });

  fact('a tenant reports its health', async ({ store }) => {
    const tenant = store.tenant('one');
    assertHealth(await tenant.health(), store.provider, ['pass', 'warn']);
    await tenant.repository(part).add(createPart('a'));
    assertHealth(await tenant.health(), store.provider, ['pass', 'warn']);
  });

  fact('closing the store closes its tenants', async ({ store }) => {
    const tenant = store.tenant('one');
    const parts = tenant.repository(part);
    await parts.add(createPart('a'));
    await store.close();
    await assertCode('CLOSED', async () => parts.get('a'));
    await assertCode('CLOSED', async () => tenant.transaction(async () => 1));
    assertHealth(await tenant.health(), store.provider, ['fail']);
  });
}
