import assert from 'node:assert/strict';
import { assertCode } from '../assert-code.ts';
import { account, createPart, idsOf, part, type RelationalFact } from './entities.ts';

const distinctIds = [
  'a',
  'A',
  'a.b',
  ' a',
  '*',
  '\u00e9',
  'e\u0301',
  '\u{1f600}',
  '__proto__',
  'constructor',
  '1',
  'x'.repeat(255),
];

/** One entity at a time: its key and its version. */
export function describeEntityVersions(fact: RelationalFact): void {
  fact('an absent entity is undefined, does not exist and is not deleted', async ({ store }) => {
    const parts = store.repository(part);
    assert.equal(await parts.get('a'), undefined);
    assert.equal(await parts.exists('a'), false);
    assert.equal(await parts.delete('a'), false);
    assert.equal(await parts.delete('a', { version: 7 }), false);
    assert.equal(await parts.count(), 0);
    assert.deepEqual(await parts.find({}), []);
  });

  fact('keys that are texts are compared character by character', async ({ store }) => {
    const parts = store.repository(part);
    for (const id of distinctIds) {
      assert.equal(await parts.exists(id), false);
      await parts.add(createPart(id, { name: id }));
    }
    for (const id of distinctIds) {
      assert.deepEqual(await parts.get(id), { ...createPart(id, { name: id }), version: 1 });
    }
    assert.equal(await parts.delete('a'), true);
    assert.equal(await parts.exists('A'), true);
    assert.equal(await parts.count(), distinctIds.length - 1);
  });

  fact('keys that are integers are compared and ordered as numbers', async ({ store }) => {
    const accounts = store.repository(account);
    const ids = [Number.MIN_SAFE_INTEGER, -10, -1, 0, 2, 10, 2 ** 31, Number.MAX_SAFE_INTEGER];
    await accounts.addMany([...ids].reverse().map((id) => ({ id, sum: 0 })));
    assert.deepEqual(
      (await accounts.find({})).map(({ id }) => id),
      ids,
    );
    assert.deepEqual(await accounts.get(-0), { id: 0, sum: 0, version: 1 });
    await assertCode('ALREADY_EXISTS', async () => accounts.add({ id: -0, sum: 1 }));
    assert.equal(await accounts.delete(Number.MAX_SAFE_INTEGER), true);
    assert.equal(await accounts.exists(Number.MAX_SAFE_INTEGER - 1), false);
  });

  fact('two entities share nothing but the store', async ({ store }) => {
    await store.repository(part).add(createPart('1'));
    assert.equal(await store.repository(account).exists(1), false);
    await store.repository(account).add({ id: 1, sum: 2 });
    assert.equal(await store.repository(part).delete('1'), true);
    assert.deepEqual(await store.repository(account).get(1), { id: 1, sum: 2, version: 1 });
  });

  fact('a key that is taken is refused by add, and the entity stays', async ({ store }) => {
    const parts = store.repository(part);
    const stored = await parts.add(createPart('a', { name: 'first' }));
    await assertCode('ALREADY_EXISTS', async () => parts.add(createPart('a', { name: 'second' })));
    assert.deepEqual(await parts.get('a'), stored);
  });

  fact('update makes the next version of the whole entity', async ({ store }) => {
    const parts = store.repository(part);
    const first = await parts.add(createPart('a', { name: 'gone', size: 1 }));
    const second = await parts.update({ ...createPart('a', { size: 2, weight: 1 }), version: first.version });
    assert.deepEqual(second, { ...createPart('a', { size: 2, weight: 1 }), version: 2 });
    assert.deepEqual(await parts.update(second), { ...second, version: 3 });
    assert.deepEqual(await parts.get('a'), { ...second, version: 3 });
  });

  fact('update of an absent entity is NOT_FOUND, whatever the version', async ({ store }) => {
    const parts = store.repository(part);
    await assertCode('NOT_FOUND', async () => parts.update({ ...createPart('a'), version: 1 }));
    const stored = await parts.add(createPart('a'));
    await parts.delete('a');
    await assertCode('NOT_FOUND', async () => parts.update(stored));
    assert.equal(await parts.exists('a'), false);
  });

  fact('update with another version, older or newer, is VERSION_CONFLICT and changes nothing', async ({ store }) => {
    const parts = store.repository(part);
    const first = await parts.add(createPart('a'));
    const second = await parts.update({ ...first, size: 2 });
    await assertCode('VERSION_CONFLICT', async () => parts.update({ ...first, size: 3 }));
    await assertCode('VERSION_CONFLICT', async () => parts.update({ ...second, version: 3, size: 3 }));
    assert.deepEqual(await parts.get('a'), second);
  });

  fact('delete says whether there was an entity, once', async ({ store }) => {
    const parts = store.repository(part);
    await parts.addMany([createPart('a'), createPart('b')]);
    assert.equal(await parts.delete('a'), true);
    assert.equal(await parts.delete('a'), false);
    assert.deepEqual(idsOf(await parts.find({})), ['b']);
  });

  fact('delete with a version deletes that version only', async ({ store }) => {
    const parts = store.repository(part);
    const second = await parts.update(await parts.add(createPart('a')));
    await assertCode('VERSION_CONFLICT', async () => parts.delete('a', { version: 1 }));
    await assertCode('VERSION_CONFLICT', async () => parts.delete('a', { version: 3 }));
    assert.equal(await parts.exists('a'), true);
    assert.equal(await parts.delete('a', { version: second.version }), true);
    assert.equal(await parts.exists('a'), false);
  });

  fact('an entity that was deleted and added again starts at version 1', async ({ store }) => {
    const parts = store.repository(part);
    await parts.update(await parts.add(createPart('a')));
    await parts.delete('a');
    assert.deepEqual(await parts.add(createPart('a')), { ...createPart('a'), version: 1 });
  });

  fact('two repositories of one entity see the same rows', async ({ store }) => {
    const stored = await store.repository(part).add(createPart('a'));
    assert.deepEqual(await store.repository(part).get('a'), stored);
  });
}
