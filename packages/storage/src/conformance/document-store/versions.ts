import assert from 'node:assert/strict';
import { assertCode } from '../assert-code.ts';
import type { SpecimenFact } from './specimen.ts';

const distinctIds = [
  'a',
  'A',
  'a.b',
  'a:b',
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

/** One document at a time: its key and its version. */
export function describeVersions(fact: SpecimenFact): void {
  fact('an absent document is undefined, does not exist and is not deleted', async ({ store }) => {
    assert.equal(await store.get('a'), undefined);
    assert.equal(await store.exists('a'), false);
    assert.equal(await store.delete('a'), false);
    assert.equal(await store.delete('a', { version: 7 }), false);
    assert.equal(await store.count(), 0);
    assert.deepEqual(await store.find({}), []);
  });

  fact('keys are compared character by character', async ({ store }) => {
    for (const id of distinctIds) {
      assert.equal(await store.exists(id), false);
      assert.deepEqual(await store.insert({ id, own: id }), { id, own: id, version: 1 });
    }
    for (const id of distinctIds) {
      assert.deepEqual(await store.get(id), { id, own: id, version: 1 });
    }
    assert.equal(await store.count(), distinctIds.length);
    assert.equal(await store.delete('a'), true);
    assert.equal(await store.exists('A'), true);
  });

  fact('getMany answers in the order and length of the keys', async ({ store }) => {
    await store.insertMany([{ id: 'a' }, { id: 'b' }]);
    const [a, b] = [
      { id: 'a', version: 1 },
      { id: 'b', version: 1 },
    ];
    assert.deepEqual(await store.getMany(['b', 'x', 'a', 'b']), [b, undefined, a, b]);
    assert.deepEqual(await store.getMany([]), []);
  });

  fact('getMany takes more keys than a statement of any database', async ({ store }) => {
    await store.insert({ id: '69999' });
    const found = await store.getMany(Array.from({ length: 70_000 }, (_, index) => String(index)));
    assert.equal(found.length, 70_000);
    assert.deepEqual(found[69_999], { id: '69999', version: 1 });
    assert.equal(found.filter((document) => document !== undefined).length, 1);
  });

  fact('a key that is taken is refused by insert, and the document stays', async ({ store }) => {
    const stored = await store.insert({ id: 'a', own: 1 });
    await assertCode('ALREADY_EXISTS', async () => store.insert({ id: 'a', own: 2 }));
    assert.deepEqual(await store.get('a'), stored);
  });

  fact('replace makes the next version of the whole document', async ({ store }) => {
    const first = await store.insert({ id: 'a', gone: 1, kept: 1 });
    const second = await store.replace({ id: 'a', kept: 2, version: first.version });
    assert.deepEqual(second, { id: 'a', kept: 2, version: 2 });
    assert.deepEqual(await store.replace(second), { ...second, version: 3 });
    assert.deepEqual(await store.get('a'), { id: 'a', kept: 2, version: 3 });
  });

  fact('replace of an absent document is NOT_FOUND, whatever the version', async ({ store }) => {
    await assertCode('NOT_FOUND', async () => store.replace({ id: 'a', version: 1 }));
    const stored = await store.insert({ id: 'a' });
    await store.delete('a');
    await assertCode('NOT_FOUND', async () => store.replace(stored));
    assert.equal(await store.exists('a'), false);
  });

  fact('replace with another version, older or newer, is VERSION_CONFLICT and changes nothing', async ({ store }) => {
    const first = await store.insert({ id: 'a', own: 1 });
    const second = await store.replace({ ...first, own: 2 });
    await assertCode('VERSION_CONFLICT', async () => store.replace({ ...first, own: 3 }));
    await assertCode('VERSION_CONFLICT', async () => store.replace({ ...second, version: 3, own: 3 }));
    assert.deepEqual(await store.get('a'), second);
  });

  fact('upsert adds, then replaces whatever the version', async ({ store }) => {
    assert.deepEqual(await store.upsert({ id: 'a', own: 1 }), { id: 'a', own: 1, version: 1 });
    assert.deepEqual(await store.upsert({ id: 'a', other: 2 }), { id: 'a', other: 2, version: 2 });
    assert.deepEqual(await store.upsert({ id: 'a', other: 2 }), { id: 'a', other: 2, version: 3 });
    assert.deepEqual(await store.find({}), [{ id: 'a', other: 2, version: 3 }]);
  });

  fact('delete says whether there was a document, once', async ({ store }) => {
    await store.insertMany([{ id: 'a' }, { id: 'b' }]);
    assert.equal(await store.delete('a'), true);
    assert.equal(await store.delete('a'), false);
    assert.equal(await store.get('a'), undefined);
    assert.equal(await store.exists('b'), true);
  });

  fact('delete with a version deletes that version only', async ({ store }) => {
    const first = await store.insert({ id: 'a' });
    const second = await store.replace(first);
    await assertCode('VERSION_CONFLICT', async () => store.delete('a', { version: 1 }));
    await assertCode('VERSION_CONFLICT', async () => store.delete('a', { version: 3 }));
    assert.equal(await store.exists('a'), true);
    assert.equal(await store.delete('a', { version: second.version }), true);
    assert.equal(await store.exists('a'), false);
  });

  fact('a document that was deleted and added again starts at version 1', async ({ store }) => {
    await store.upsert({ id: 'a' });
    await store.upsert({ id: 'a' });
    await store.delete('a');
    assert.deepEqual(await store.insert({ id: 'a' }), { id: 'a', version: 1 });
  });
}
