import assert from 'node:assert/strict';
import { assertCode } from '../assert-code.ts';
import { idsOf, type SpecimenFact } from './specimen.ts';

/** Values that are equal to nothing, not even to themselves, as far as unique values go. */
const neverEqual: readonly (readonly [name: string, value: unknown])[] = [
  ['absent', undefined],
  ['null', null],
  ['a list', ['x']],
  ['an object', { x: 1 }],
];

/** Values that differ from each other, however alike they look. */
const distinctValues: readonly unknown[] = [
  0,
  1,
  '1',
  '0',
  '',
  true,
  false,
  'true',
  'TRUE',
  'null',
  '\u00e9',
  'e\u0301',
  1.5,
  '[1]',
];

/** Values of which at most one document may have each. */
export function describeUniqueness(fact: SpecimenFact): void {
  for (const value of ['x', '', 0, 1.5, true, false, '\u{1f600}']) {
    fact(`a unique value is taken by one document: ${JSON.stringify(value)}`, async ({ store }) => {
      const a = await store.insert({ id: 'a', code: value });
      const b = await store.insert({ id: 'b' });
      await assertCode('ALREADY_EXISTS', async () => store.insert({ id: 'c', code: value }));
      await assertCode('ALREADY_EXISTS', async () => store.upsert({ id: 'c', code: value }));
      await assertCode('ALREADY_EXISTS', async () => store.upsert({ id: 'b', code: value }));
      await assertCode('ALREADY_EXISTS', async () => store.replace({ ...b, code: value }));
      assert.deepEqual(await store.find({}), [a, b]);
    });
  }

  fact('values of different types or characters differ', async ({ store }) => {
    await store.insertMany(distinctValues.map((code, index) => ({ id: `id-${index}`, code })));
    assert.equal(await store.count(), distinctValues.length);
  });

  fact('-0 and 0 are one value', async ({ store }) => {
    await store.insert({ id: 'a', code: 0 });
    await assertCode('ALREADY_EXISTS', async () => store.insert({ id: 'b', code: -0 }));
  });

  for (const [name, value] of neverEqual) {
    fact(`never equal to another: ${name}`, async ({ store }) => {
      await store.insertMany([
        { id: 'a', code: value },
        { id: 'b', code: value },
      ]);
      await store.insert({ id: 'c', code: value });
      await store.upsert({ id: 'd', code: value });
      assert.equal(await store.count(), 4);
    });
  }

  fact('a path reaches into objects, and each path is for itself', async ({ store }) => {
    await store.insert({ id: 'a', code: 'x', owner: { email: 'y' } });
    await store.insert({ id: 'b', code: 'y', owner: { email: 'x' } });
    await assertCode('ALREADY_EXISTS', async () => store.insert({ id: 'c', owner: { email: 'x', name: 'other' } }));
    await store.insert({ id: 'd', owner: [{ email: 'x' }], 'owner.email': 'x' });
    await store.insert({ id: 'e', owner: 'x' });
    assert.deepEqual(idsOf(await store.find({})), ['a', 'b', 'd', 'e']);
  });

  fact('a document keeps its own value through changes', async ({ store }) => {
    const first = await store.insert({ id: 'a', code: 'x' });
    const second = await store.replace({ ...first, own: 1 });
    assert.equal((await store.upsert({ id: 'a', code: 'x' })).version, second.version + 1);
    await assertCode('ALREADY_EXISTS', async () => store.insert({ id: 'b', code: 'x' }));
  });

  fact('a value is free again once its document was changed or deleted', async ({ store }) => {
    const a = await store.insert({ id: 'a', code: 'x', owner: { email: 'x' } });
    await store.replace({ ...a, code: 'y' });
    await store.insert({ id: 'b', code: 'x' });
    await store.upsert({ id: 'a' });
    await store.insert({ id: 'c', code: 'y', owner: { email: 'x' } });
    await store.delete('b');
    await store.insert({ id: 'd', code: 'x' });
    await store.deleteMany({ id: 'd' });
    await store.insert({ id: 'e', code: 'x' });
    assert.deepEqual(idsOf(await store.find({})), ['a', 'c', 'e']);
  });

  fact('a refused write leaves the unique values as they were', async ({ store }) => {
    const a = await store.insert({ id: 'a', code: 'x', owner: { email: 'x' } });
    await store.insert({ id: 'b', code: 'y' });
    await assertCode('ALREADY_EXISTS', async () => store.replace({ ...a, code: 'y', owner: { email: 'z' } }));
    await assertCode('ALREADY_EXISTS', async () => store.insert({ id: 'c', code: 'new', owner: { email: 'x' } }));
    await assertCode('ALREADY_EXISTS', async () => store.insert({ id: 'c', code: 'x' }));
    await store.insert({ id: 'c', code: 'new', owner: { email: 'z' } });
  });

  fact('a wrong version counts before a value that is taken', async ({ store }) => {
    const a = await store.insert({ id: 'a' });
    await store.insert({ id: 'b', code: 'x' });
    await assertCode('VERSION_CONFLICT', async () => store.replace({ ...a, version: 2, code: 'x' }));
    await assertCode('NOT_FOUND', async () => store.replace({ id: 'c', version: 1, code: 'x' }));
  });
}
