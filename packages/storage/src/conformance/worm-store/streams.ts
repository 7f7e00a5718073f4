import assert from 'node:assert/strict';
import { openWormRecord } from '../../schema/define-worm.ts';
import { createEntries, type EntryFact, entry, readRange } from './entry.ts';

/** Names that differ, in the order of their code points; some look like parts of each other. */
const names = [
  '0',
  '10',
  '2',
  'A',
  'B',
  'Z.z',
  'a',
  'a-0',
  'a.0',
  'a.b_c:d-e',
  'a0',
  'a:0',
  'a:0:1',
  'aA',
  'a_0',
  'aa',
  'constructor',
  'toString',
  `x${'y'.repeat(127)}`,
];

/** Streams are separate. */
export function describeStreams(fact: EntryFact): void {
  fact('records of different streams never mix', async ({ store }) => {
    for (const [index, name] of names.entries()) {
      assert.equal(await store.height(name), undefined, name);
      await store.appendBatch(name, 0, createEntries(index + 1, index * 100));
    }
    for (const [index, name] of names.entries()) {
      assert.equal(await store.height(name), index, name);
      assert.equal(await store.count(name), index + 1, name);
      assert.equal(await store.exists(name, index + 1), false, name);
      const records = await readRange(store, name);
      assert.deepEqual(
        records.map((record) => openWormRecord(entry, record).n),
        createEntries(index + 1, index * 100).map(({ n }) => n),
      );
      assert.ok(records.every(({ stream }) => stream === name));
      assert.equal((await store.find(name, {})).length, index + 1);
      assert.deepEqual(await store.verifyIntegrity(name), { checked: index + 1, damaged: [], missing: [] });
    }
  });

  fact('the names of all streams come by code point', async ({ store }) => {
    for (const name of names.toReversed()) {
      await store.append(name, 0, { n: 0 });
      await store.append(name, 1, { n: 1 });
    }
    assert.deepEqual(await store.streams(), names);
  });

  fact('case counts in names', async ({ store }) => {
    await store.append('Case', 0, { n: 1 });
    assert.equal(await store.height('case'), undefined);
    assert.equal(await store.get('CASE', 0), undefined);
    await store.append('case', 0, { n: 2 });
    assert.deepEqual(await store.streams(), ['Case', 'case']);
  });
}
