import assert from 'node:assert/strict';
import type { WormStore } from '../../ports/worm-store.ts';
import { assertCode } from '../assert-code.ts';
import { checkReopened } from '../check-reopened.ts';
import type { Fact } from '../create-fact.ts';
import { jsonSpecimens } from '../json-specimens.ts';
import type { OpenedDurableStore } from '../opened-store.ts';
import { createEntries, type Entry, readRange, toPlain } from './entry.ts';

/** What was acknowledged outlives the store. */
export function describeWormDurability(fact: Fact<OpenedDurableStore<WormStore<Entry>>>): void {
  fact('records come back with their exact bytes, seals and times', async (opened) => {
    const { store } = opened;
    const written = await store.appendBatch(
      'a',
      0,
      jsonSpecimens.map(([, value], n) => ({ n, value })),
    );
    await store.append('b', 0, { n: 0 });
    await checkReopened(opened, async (again) => {
      assert.deepEqual((await readRange(again, 'a')).map(toPlain), written.map(toPlain));
      assert.deepEqual(await again.streams(), ['a', 'b']);
      assert.deepEqual(await again.verifyIntegrity('a'), { checked: written.length, damaged: [], missing: [] });
    });
  });

  fact('a stream goes on where it ended', async (opened) => {
    await opened.store.appendBatch('a', 0, createEntries(3));
    await checkReopened(opened, async (again) => {
      assert.equal(await again.height('a'), 2);
      await assertCode('SEQUENCE_CONFLICT', async () => again.append('a', 2, { n: 2 }));
      await again.append('a', 3, { n: 3 });
    });
  });

  fact('nothing of a refused batch comes back', async (opened) => {
    await opened.store.append('a', 0, { n: 0 });
    await assertCode('SEQUENCE_CONFLICT', async () => opened.store.appendBatch('a', 0, createEntries(5)));
    await checkReopened(opened, async (again) => {
      assert.equal(await again.count('a'), 1);
    });
  });

  fact('a store that was never written opens again empty', async (opened) => {
    await checkReopened(opened, async (again) => {
      assert.deepEqual(await again.streams(), []);
      await again.append('a', 0, { n: 0 });
    });
  });
}
