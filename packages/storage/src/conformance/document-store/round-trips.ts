import assert from 'node:assert/strict';
import { assertCode } from '../assert-code.ts';
import { hostileValues, jsonSpecimens } from '../json-specimens.ts';
import { untyped } from '../untyped.ts';
import { catalogue, type Specimen, type SpecimenFact } from './specimen.ts';

/** Documents come back as they were written. */
export function describeRoundTrips(fact: SpecimenFact): void {
  for (const [name, value] of jsonSpecimens) {
    fact(`gives back exactly what was written: ${name}`, async ({ store }) => {
      const document = { id: 'a', value };
      const stored = { ...document, version: 1 };
      assert.deepEqual(await store.insert(document), stored);
      assert.deepEqual(await store.get('a'), stored);
      assert.deepEqual(await store.getMany(['a']), [stored]);
      assert.deepEqual(await store.find({}), [stored]);
      assert.deepEqual(await store.replace({ ...document, version: 1 }), { ...stored, version: 2 });
      assert.deepEqual(await store.upsert(document), { ...stored, version: 3 });
      assert.deepEqual(await store.get('a'), { ...stored, version: 3 });
    });
  }

  fact('null is a value and absence is absence', async ({ store }) => {
    await store.insert({ id: 'a', kept: null, absent: undefined, nested: { kept: null, absent: undefined } });
    assert.deepEqual(await store.get('a'), { id: 'a', kept: null, nested: { kept: null }, version: 1 });
  });

  fact('-0 becomes 0', async ({ store }) => {
    await store.insert({ id: 'a', zero: -0, deep: [{ zero: -0 }] });
    assert.deepEqual(await store.get('a'), { id: 'a', zero: 0, deep: [{ zero: 0 }], version: 1 });
  });

  fact('every document of a large set comes back', async ({ store }) => {
    await store.insertMany(catalogue);
    assert.deepEqual(
      await store.find({}),
      Array.from(catalogue, (document) => ({ ...document, version: 1 })),
    );
  });

  for (const [name, value] of hostileValues) {
    fact(`refuses a document that cannot be kept, and changes nothing: ${name}`, async ({ store }) => {
      const stored = await store.insert({ id: 'a', value: 'older' });
      const hostile = (id: string): Specimen => untyped({ id, value: { deep: [value] } });
      await assertCode('INVALID', async () => store.insert(hostile('b')));
      await assertCode('INVALID', async () => store.insertMany([{ id: 'c' }, hostile('b')]));
      await assertCode('INVALID', async () => store.upsert(hostile('a')));
      await assertCode('INVALID', async () => store.replace({ ...hostile('a'), version: 1 }));
      assert.deepEqual(await store.find({}), [stored]);
    });
  }

  fact('what is written, returned and read are copies', async ({ store }) => {
    const document = { id: 'a', list: [1], nested: { x: 1 } };
    const inserted = await store.insert(document);
    const expected = { id: 'a', list: [1], nested: { x: 1 }, version: 1 };
    document.list.push(2);
    untyped<{ nested: { x: number } }>(inserted).nested.x = 3;
    assert.deepEqual(await store.get('a'), expected);
    for (const read of [await store.get('a'), ...(await store.getMany(['a'])), ...(await store.find({}))]) {
      untyped<{ list: number[] }>(read).list.push(4);
    }
    assert.deepEqual(await store.get('a'), expected);
  });

  fact('several reads of one document in one answer share nothing', async ({ store }) => {
    await store.insert({ id: 'a', list: [1] });
    const [first, second] = await store.getMany(['a', 'a']);
    untyped<{ list: number[] }>(first).list.push(2);
    assert.deepEqual(second, { id: 'a', list: [1], version: 1 });
  });
}
