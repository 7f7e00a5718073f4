import assert from 'node:assert/strict';
import { openWormRecord } from '../../schema/define-worm.ts';
import { createEntries, type EntryFact, entry, readRange, sequencesOf, toPlain } from './entry.ts';

/** Reading one stream. */
export function describeReads(fact: EntryFact): void {
  fact('an empty stream has no height, no records and no name', async ({ store }) => {
    assert.equal(await store.height('a'), undefined);
    assert.equal(await store.count('a'), 0);
    assert.equal(await store.exists('a', 0), false);
    assert.equal(await store.get('a', 0), undefined);
    assert.deepEqual(await readRange(store, 'a'), []);
    assert.deepEqual(await store.find('a', {}), []);
    assert.deepEqual(await store.streams(), []);
  });

  fact('a stream with only record 0 differs from an empty one', async ({ store }) => {
    await store.append('a', 0, { n: 0 });
    assert.equal(await store.height('a'), 0);
    assert.equal(await store.count('a'), 1);
    assert.equal(await store.exists('a', 0), true);
    assert.equal(await store.exists('a', 1), false);
  });

  fact('get reads one record, undefined above the height', async ({ store }) => {
    const written = await store.appendBatch('a', 0, createEntries(3));
    for (const [sequence, record] of written.entries()) {
      assert.deepEqual(toPlain(await store.get('a', sequence)), toPlain(record));
    }
    assert.equal(await store.get('a', 3), undefined);
    assert.equal(await store.get('a', Number.MAX_SAFE_INTEGER), undefined);
    assert.equal(await store.exists('a', Number.MAX_SAFE_INTEGER), false);
  });

  fact('both bounds of a range are included', async ({ store }) => {
    await store.appendBatch('a', 0, createEntries(10));
    const cuts: readonly (readonly [from: number, to: number, sequences: readonly number[]])[] = [
      [0, 0, [0]],
      [3, 5, [3, 4, 5]],
      [9, 9, [9]],
      [8, 100, [8, 9]],
      [9, Number.MAX_SAFE_INTEGER, [9]],
      [10, 20, []],
      [5, 4, []],
      [Number.MAX_SAFE_INTEGER, Number.MAX_SAFE_INTEGER, []],
    ];
    for (const [from, to, sequences] of cuts) {
      assert.deepEqual(sequencesOf(await readRange(store, 'a', from, to)), sequences, `${from} to ${to}`);
    }
  });

  fact('a long range is ascending and complete', async ({ store }) => {
    await store.appendBatch('a', 0, createEntries(2_500));
    const numbers = (await readRange(store, 'a', 3)).map((record) => openWormRecord(entry, record).n);
    assert.deepEqual(
      numbers,
      Array.from({ length: 2_497 }, (_, index) => index + 3),
    );
  });

  fact('a range can be left early, read twice and read side by side', async ({ store }) => {
    await store.appendBatch('a', 0, createEntries(500));
    for await (const { sequence } of store.range('a', 0, 499)) {
      if (sequence === 2) {
        break;
      }
    }
    await store.append('a', 500, { n: 500 });
    const ranges = await Promise.all([readRange(store, 'a', 0, 500), readRange(store, 'a', 250, 500)]);
    assert.deepEqual(
      ranges.map(({ length }) => length),
      [501, 251],
    );
  });

  fact('what is appended while a range is read makes no gap in it', async ({ store }) => {
    await store.appendBatch('a', 0, createEntries(300));
    const seen: number[] = [];
    for await (const { sequence } of store.range('a', 0, Number.MAX_SAFE_INTEGER)) {
      seen.push(sequence);
      if (sequence === 10) {
        await store.appendBatch('a', 300, createEntries(50, 300));
      }
    }
    assert.deepEqual(
      seen,
      seen.map((_, index) => index),
    );
    assert.ok(seen.length >= 300, `only ${seen.length} records`);
  });
}
