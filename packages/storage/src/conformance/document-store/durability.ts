import assert from 'node:assert/strict';
import type { DocumentStore } from '../../ports/document-store.ts';
import { assertCode } from '../assert-code.ts';
import { checkReopened } from '../check-reopened.ts';
import type { Fact } from '../create-fact.ts';
import { jsonSpecimens } from '../json-specimens.ts';
import type { OpenedDurableStore } from '../opened-store.ts';
import type { Specimen } from './specimen.ts';

/** What was acknowledged outlives the store. */
export function describeDocumentDurability(fact: Fact<OpenedDurableStore<DocumentStore<Specimen>>>): void {
  fact('documents come back with their values and versions', async (opened) => {
    const { store } = opened;
    await store.insertMany(jsonSpecimens.map(([id, value]) => ({ id, value })));
    await store.upsert({ id: 'null', value: 'changed' });
    await store.delete('false');
    const before = await store.find({});
    assert.equal(before.length, jsonSpecimens.length - 1);
    await checkReopened(opened, async (again) => {
      assert.deepEqual(await again.find({}), before);
      assert.deepEqual(await again.get('null'), { id: 'null', value: 'changed', version: 2 });
      assert.equal((await again.upsert({ id: 'null' })).version, 3);
    });
  });

  fact('unique values stay taken, freed ones stay free', async (opened) => {
    await opened.store.insertMany([
      { id: 'a', code: 'x' },
      { id: 'b', code: 'y' },
    ]);
    await opened.store.delete('b');
    await checkReopened(opened, async (again) => {
      await assertCode('ALREADY_EXISTS', async () => again.insert({ id: 'c', code: 'x' }));
      await again.insert({ id: 'c', code: 'y' });
    });
  });

  fact('nothing of a refused batch comes back', async (opened) => {
    await assertCode('ALREADY_EXISTS', async () => opened.store.insertMany([{ id: 'a' }, { id: 'b' }, { id: 'a' }]));
    await checkReopened(opened, async (again) => {
      assert.equal(await again.count(), 0);
    });
  });

  fact('a store that was never written opens again empty', async (opened) => {
    await checkReopened(opened, async (again) => {
      assert.deepEqual(await again.find({}), []);
      await again.insert({ id: 'a' });
    });
  });
}
