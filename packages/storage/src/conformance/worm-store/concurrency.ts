import assert from 'node:assert/strict';
import { openWormRecord } from '../../schema/define-worm.ts';
import { StorageError } from '../../storage-error.ts';
import { assertOneWins } from '../assert-code.ts';
import { createEntries, type EntryFact, entry, readRange, sequencesOf, toPlain } from './entry.ts';

const CALLS = 20;
const numbers = Array.from({ length: CALLS }, (_, index) => index);

/** Calls that run at once. */
export function describeWormConcurrency(fact: EntryFact): void {
  fact('of concurrent appends at one sequence exactly one wins', async ({ store }) => {
    const outcomes = await Promise.allSettled(numbers.map(async (n) => store.append('a', 0, { n })));
    const won = assertOneWins('SEQUENCE_CONFLICT', outcomes);
    assert.deepEqual((await readRange(store, 'a')).map(toPlain), [toPlain(won)]);
  });

  fact('of concurrent batches that overlap exactly one wins, whole', async ({ store }) => {
    const outcomes = await Promise.allSettled(
      numbers.map(async (n) => store.appendBatch('a', 0, createEntries(n + 1, n * 100))),
    );
    const won = assertOneWins('SEQUENCE_CONFLICT', outcomes);
    assert.deepEqual((await readRange(store, 'a')).map(toPlain), won.map(toPlain));
  });

  fact('appends to different streams do not hinder each other', async ({ store }) => {
    await Promise.all(numbers.map(async (n) => store.append(`stream-${n}`, 0, { n })));
    assert.equal((await store.streams()).length, CALLS);
  });

  fact('writers that try again after a conflict all get their record, without a gap', async ({ store }) => {
    const append = async (n: number): Promise<void> => {
      const height = await store.height('a');
      try {
        await store.append('a', height === undefined ? 0 : height + 1, { n });
      } catch (error) {
        assert.ok(error instanceof StorageError && error.code === 'SEQUENCE_CONFLICT', String(error));
        await append(n);
      }
    };
    await Promise.all(numbers.map(append));
    const records = await readRange(store, 'a');
    assert.deepEqual(sequencesOf(records), numbers);
    assert.deepEqual(
      records.map((record) => openWormRecord(entry, record).n).sort((a, b) => a - b),
      numbers,
    );
  });

  fact('a read never sees part of a batch', async ({ store }) => {
    const appended = store.appendBatch('a', 0, createEntries(50));
    const counts = await Promise.all(numbers.map(async () => store.count('a')));
    await appended;
    assert.deepEqual(
      counts.filter((count) => count !== 0 && count !== 50),
      [],
    );
    assert.equal(await store.count('a'), 50);
  });
}
