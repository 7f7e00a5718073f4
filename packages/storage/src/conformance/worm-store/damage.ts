import assert from 'node:assert/strict';
import type { WormStore } from '../../ports/worm-store.ts';
import { openWormRecord } from '../../schema/define-worm.ts';
import { isWormRecordIntact } from '../../schema/worm-record.ts';
import { assertCode, assertThrowsCode } from '../assert-code.ts';
import type { Fact } from '../create-fact.ts';
import type { OpenedStore } from '../opened-store.ts';
import { createEntries, type Entry, type EntryFact, entry, readRange, sequencesOf, toPlain } from './entry.ts';
import type { RecordDamage } from './worm-provider.ts';

/** `verifyIntegrity` on whole streams. */
export function describeIntegrity(fact: EntryFact): void {
  fact('an intact stream is checked whole', async ({ store }) => {
    assert.deepEqual(await store.verifyIntegrity('a'), { checked: 0, damaged: [], missing: [] });
    await store.appendBatch('a', 0, createEntries(1_200));
    assert.deepEqual(await store.verifyIntegrity('a'), { checked: 1_200, damaged: [], missing: [] });
  });

  fact('bounds are both included and cut at the height', async ({ store }) => {
    await store.appendBatch('a', 0, createEntries(10));
    const cuts: readonly (readonly [bounds: { from?: number; to?: number }, checked: number])[] = [
      [{}, 10],
      [{ from: 0, to: 0 }, 1],
      [{ from: 3, to: 5 }, 3],
      [{ from: 8 }, 2],
      [{ to: 8 }, 9],
      [{ from: 9, to: Number.MAX_SAFE_INTEGER }, 1],
      [{ from: 10 }, 0],
      [{ from: 5, to: 4 }, 0],
    ];
    for (const [bounds, checked] of cuts) {
      assert.deepEqual(await store.verifyIntegrity('a', bounds), { checked, damaged: [], missing: [] });
    }
  });
}

/** What is found, and what goes on working, after someone has damaged records past the store. */
export function describeDamage(fact: Fact<OpenedStore<WormStore<Entry>> & RecordDamage>): void {
  for (const [name, bytes] of [
    ['other text', Buffer.from('{"n":99}')],
    ['no bytes at all', new Uint8Array()],
    ['bytes that are no UTF-8', new Uint8Array([0xff, 0x00, 0xc3, 0x28, 0xed, 0xa0, 0x80])],
  ] as const) {
    fact(`a record that was changed is read as it is and found by its seal: ${name}`, async ({ store, damage }) => {
      const written = await store.appendBatch('a', 0, createEntries(4));
      await store.append('b', 0, { n: 0 });
      await damage('a', 2, bytes);
      const read = await store.get('a', 2);
      assert.ok(read !== undefined);
      assert.deepEqual(Buffer.from(read.bytes), Buffer.from(bytes));
      assert.equal(isWormRecordIntact(read), false);
      assertThrowsCode('CORRUPTED', () => openWormRecord(entry, read));
      assert.deepEqual(await store.verifyIntegrity('a'), { checked: 4, damaged: [2], missing: [] });
      assert.deepEqual(await store.verifyIntegrity('a', { to: 1 }), { checked: 2, damaged: [], missing: [] });
      assert.deepEqual(await store.verifyIntegrity('b'), { checked: 1, damaged: [], missing: [] });
      const others = (await readRange(store, 'a')).filter(({ sequence }) => sequence !== 2);
      assert.deepEqual(others.map(toPlain), written.filter(({ sequence }) => sequence !== 2).map(toPlain));
    });
  }

  fact('a search that meets a damaged record ends with CORRUPTED', async ({ store, damage }) => {
    await store.appendBatch('a', 0, createEntries(4));
    await damage('a', 2, Buffer.from('{"n":2}x'));
    await assertCode('CORRUPTED', async () => store.find('a', { n: 3 }));
    await assertCode('CORRUPTED', async () => store.find('a', {}));
    assert.deepEqual(sequencesOf(await store.find('a', { n: 1 }, { limit: 1 })), [1]);
  });

  fact('a record that was removed is absent for every read, and named as missing', async ({ store, damage }) => {
    await store.appendBatch('a', 0, createEntries(5));
    await damage('a', 0, undefined);
    await damage('a', 3, undefined);
    assert.equal(await store.get('a', 3), undefined);
    assert.equal(await store.exists('a', 3), false);
    assert.equal(await store.exists('a', 4), true);
    assert.equal(await store.height('a'), 4);
    assert.equal(await store.count('a'), 3);
    assert.deepEqual(sequencesOf(await readRange(store, 'a')), [1, 2, 4]);
    assert.deepEqual(sequencesOf(await store.find('a', {})), [1, 2, 4]);
    assert.deepEqual(await store.verifyIntegrity('a'), { checked: 3, damaged: [], missing: [0, 3] });
    assert.deepEqual(await store.verifyIntegrity('a', { from: 1, to: 2 }), { checked: 2, damaged: [], missing: [] });
    assert.deepEqual(await store.verifyIntegrity('a', { from: 3, to: 3 }), { checked: 0, damaged: [], missing: [3] });
  });

  fact('damaged and missing records are told apart, ascending', async ({ store, damage }) => {
    await store.appendBatch('a', 0, createEntries(600));
    for (const sequence of [599, 300, 7]) {
      await damage('a', sequence, Buffer.from('x'));
    }
    for (const sequence of [598, 301, 6, 8]) {
      await damage('a', sequence, undefined);
    }
    assert.deepEqual(await store.verifyIntegrity('a'), {
      checked: 596,
      damaged: [7, 300, 599],
      missing: [6, 8, 301, 598],
    });
  });

  fact('a hole is not filled by appending, which goes on above the height', async ({ store, damage }) => {
    await store.appendBatch('a', 0, createEntries(3));
    await damage('a', 1, undefined);
    await assertCode('SEQUENCE_CONFLICT', async () => store.append('a', 1, { n: 1 }));
    await assertCode('SEQUENCE_CONFLICT', async () => store.append('a', 2, { n: 2 }));
    assert.equal((await store.append('a', 3, { n: 3 })).sequence, 3);
    assert.deepEqual(await store.verifyIntegrity('a'), { checked: 3, damaged: [], missing: [1] });
  });

  fact('a stream whose newest records were removed is shorter, one that lost all is empty', async (opened) => {
    const { store, damage } = opened;
    await store.appendBatch('a', 0, createEntries(3));
    await damage('a', 2, undefined);
    assert.equal(await store.height('a'), 1);
    assert.deepEqual(await store.verifyIntegrity('a'), { checked: 2, damaged: [], missing: [] });
    await damage('a', 1, undefined);
    await damage('a', 0, undefined);
    assert.equal(await store.height('a'), undefined);
    assert.deepEqual(await store.streams(), []);
    await store.append('a', 0, { n: 0 });
  });
}
