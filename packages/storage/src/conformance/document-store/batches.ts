import assert from 'node:assert/strict';
import { assertCode } from '../assert-code.ts';
import { untyped } from '../untyped.ts';
import { idsOf, type SpecimenFact } from './specimen.ts';

/** `insertMany` and `deleteMany`. */
export function describeBatches(fact: SpecimenFact): void {
  fact('insertMany answers with all documents in their order', async ({ store }) => {
    assert.deepEqual(await store.insertMany([{ id: 'b', n: 1 }, { id: 'a' }]), [
      { id: 'b', n: 1, version: 1 },
      { id: 'a', version: 1 },
    ]);
    assert.deepEqual(await store.insertMany([]), []);
    assert.equal(await store.count(), 2);
  });

  fact('insertMany takes a large batch', async ({ store }) => {
    const documents = Array.from({ length: 3_000 }, (_, index) => ({ id: `id-${index}`, code: index }));
    const stored = await store.insertMany(documents);
    assert.deepEqual(idsOf(stored), idsOf(documents));
    assert.equal(await store.count(), 3_000);
  });

  for (const [name, batch] of [
    ['a key that is taken', [{ id: 'x' }, { id: 'a' }, { id: 'y' }]],
    ['a unique value that is taken', [{ id: 'x' }, { id: 'y', code: 'taken' }, { id: 'z' }]],
    ['a key twice', [{ id: 'x' }, { id: 'y' }, { id: 'x' }]],
    ['a unique value twice', [{ id: 'x', code: 1 }, { id: 'y' }, { id: 'z', code: 1 }]],
  ] as const) {
    fact(`a batch with ${name} leaves nothing`, async ({ store }) => {
      const stored = await store.insert({ id: 'a', code: 'taken' });
      await assertCode('ALREADY_EXISTS', async () => store.insertMany(batch));
      assert.deepEqual(await store.find({}), [stored]);
      await store.insertMany([{ id: 'x', code: 1 }, { id: 'y' }]);
    });
  }

  fact('a large batch with a conflict at its end leaves nothing', async ({ store }) => {
    const documents = Array.from({ length: 1_500 }, (_, index) => ({ id: `id-${index}`, code: index }));
    await assertCode('ALREADY_EXISTS', async () => store.insertMany([...documents, { id: 'last', code: 3 }]));
    assert.equal(await store.count(), 0);
    await store.insertMany(documents);
  });

  fact('a batch with a malformed document leaves nothing', async ({ store }) => {
    await assertCode('INVALID', async () => store.insertMany([{ id: 'a' }, untyped({ id: 7 }), { id: 'b' }]));
    await assertCode('INVALID', async () => store.insertMany([{ id: 'a' }, untyped({})]));
    assert.equal(await store.count(), 0);
  });

  fact('deleteMany removes what matches and says how much', async ({ store }) => {
    await store.insertMany(
      Array.from({ length: 500 }, (_, index) => ({ id: `id-${index}`, n: index % 5, code: index })),
    );
    assert.equal(await store.deleteMany({ n: 3 }), 100);
    assert.equal(await store.deleteMany({ n: 3 }), 0);
    assert.equal(await store.count({ n: { $ne: 3 } }), 400);
    assert.equal(await store.deleteMany({}), 400);
    assert.equal(await store.count(), 0);
    await store.insert({ id: 'a', code: 3 });
  });
}
