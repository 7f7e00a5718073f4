import assert from 'node:assert/strict';
import { assertCode } from '../assert-code.ts';
import { untyped } from '../untyped.ts';
import { createPart, idsOf, listIds, part, type RelationalFact } from './entities.ts';

/** Values that one entity may have, and batches that are written whole or not at all. */
export function describeUniqueColumns(fact: RelationalFact): void {
  fact('a unique value is taken by one entity', async ({ store }) => {
    const parts = store.repository(part);
    const a = await parts.add(createPart('a', { code: 'x' }));
    const b = await parts.add(createPart('b'));
    await assertCode('ALREADY_EXISTS', async () => parts.add(createPart('c', { code: 'x' })));
    await assertCode('ALREADY_EXISTS', async () => parts.update({ ...b, code: 'x' }));
    assert.deepEqual(await parts.find({}), [a, b]);
    await parts.add(createPart('c', { code: 'X' }));
    await parts.add(createPart('d', { code: '' }));
    await assertCode('ALREADY_EXISTS', async () => parts.add(createPart('e', { code: '' })));
  });

  fact('values that are unique together may repeat alone', async ({ store }) => {
    const parts = store.repository(part);
    await parts.add(createPart('a', { shelf: 's', place: 1 }));
    await parts.add(createPart('b', { shelf: 's', place: 2 }));
    await parts.add(createPart('c', { shelf: 't', place: 1 }));
    await assertCode('ALREADY_EXISTS', async () => parts.add(createPart('d', { shelf: 's', place: 1 })));
  });

  fact('absent values are never equal, alone or together', async ({ store }) => {
    const parts = store.repository(part);
    await parts.addMany(['a', 'b'].map((id) => createPart(id, { shelf: 's' })));
    await parts.addMany(['c', 'd'].map((id) => createPart(id, { place: 1 })));
    await parts.add(createPart('e', { shelf: 's', place: 1 }));
    assert.deepEqual(await listIds(store), ['a', 'b', 'c', 'd', 'e']);
  });

  fact('an entity keeps its own value through changes', async ({ store }) => {
    const parts = store.repository(part);
    const stored = await parts.add(createPart('a', { code: 'x', shelf: 's', place: 1 }));
    assert.equal((await parts.update({ ...stored, size: 1 })).version, 2);
  });

  fact('a value is free again once its entity was changed or deleted', async ({ store }) => {
    const parts = store.repository(part);
    const a = await parts.add(createPart('a', { code: 'x' }));
    await parts.update({ ...a, code: 'y' });
    await parts.add(createPart('b', { code: 'x' }));
    await parts.delete('b');
    await parts.add(createPart('c', { code: 'x' }));
    assert.deepEqual(await listIds(store), ['a', 'c']);
  });

  fact('a wrong version counts before a value that is taken', async ({ store }) => {
    const parts = store.repository(part);
    const a = await parts.add(createPart('a'));
    await parts.add(createPart('b', { code: 'x' }));
    await assertCode('VERSION_CONFLICT', async () => parts.update({ ...a, version: 2, code: 'x' }));
    await assertCode('NOT_FOUND', async () => parts.update({ ...createPart('c', { code: 'x' }), version: 1 }));
  });

  fact('addMany answers with all entities in their order', async ({ store }) => {
    const parts = store.repository(part);
    assert.deepEqual(await parts.addMany([createPart('b', { size: 1 }), createPart('a')]), [
      { ...createPart('b', { size: 1 }), version: 1 },
      { ...createPart('a'), version: 1 },
    ]);
    assert.deepEqual(await parts.addMany([]), []);
    assert.equal(await parts.count(), 2);
  });

  fact('addMany takes more values than a statement of any database', async ({ store }) => {
    const parts = store.repository(part);
    const batch = Array.from({ length: 6_000 }, (_, index) => createPart(`id-${index}`, { size: index }));
    assert.deepEqual(idsOf(await parts.addMany(batch)), idsOf(batch));
    assert.equal(await parts.count(), 6_000);
  });

  for (const [name, batch] of [
    ['a key that is taken', [createPart('x'), createPart('a'), createPart('y')]],
    ['a unique value that is taken', [createPart('x'), createPart('y', { code: 'taken' }), createPart('z')]],
    ['a key twice', [createPart('x'), createPart('y'), createPart('x')]],
    ['a unique value twice', [createPart('x', { code: 'n' }), createPart('y'), createPart('z', { code: 'n' })]],
  ] as const) {
    fact(`a batch with ${name} leaves nothing`, async ({ store }) => {
      const parts = store.repository(part);
      const stored = await parts.add(createPart('a', { code: 'taken' }));
      await assertCode('ALREADY_EXISTS', async () => parts.addMany(batch));
      assert.deepEqual(await parts.find({}), [stored]);
      await parts.addMany([createPart('x', { code: 'n' }), createPart('y')]);
    });
  }

  fact('a large batch with a conflict at its end leaves nothing', async ({ store }) => {
    const parts = store.repository(part);
    const batch = Array.from({ length: 3_000 }, (_, index) => createPart(`id-${index}`, { code: `code-${index}` }));
    await assertCode('ALREADY_EXISTS', async () => parts.addMany([...batch, createPart('last', { code: 'code-3' })]));
    assert.equal(await parts.count(), 0);
  });

  fact('a batch with a malformed entity leaves nothing', async ({ store }) => {
    const parts = store.repository(part);
    await assertCode('INVALID', async () => parts.addMany([createPart('a'), untyped({ id: 'b' })]));
    assert.equal(await parts.count(), 0);
  });
}
