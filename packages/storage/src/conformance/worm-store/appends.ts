import assert from 'node:assert/strict';
import { openWormRecord } from '../../schema/define-worm.ts';
import { isWormRecordIntact } from '../../schema/worm-record.ts';
import { assertCode } from '../assert-code.ts';
import { hostileValues, jsonSpecimens } from '../json-specimens.ts';
import { untyped } from '../untyped.ts';
import { createEntries, type EntryFact, entry, readRange, sequencesOf, toPlain } from './entry.ts';

/** Writing: contiguous, once, all or nothing. */
export function describeAppends(fact: EntryFact): void {
  fact('a stream starts at 0 and grows by one', async ({ store }) => {
    for (const n of [0, 1, 2]) {
      const record = await store.append('a', n, { n });
      assert.deepEqual([record.stream, record.sequence], ['a', n]);
      assert.equal(await store.height('a'), n);
    }
    assert.deepEqual(sequencesOf(await readRange(store, 'a')), [0, 1, 2]);
  });

  fact('a record that is returned is the one that is stored, sealed and open', async ({ store }) => {
    const before = Date.UTC(2020, 0, 1);
    const record = await store.append('a', 0, { n: 7, value: ['x'] });
    assert.deepEqual(toPlain(await store.get('a', 0)), toPlain(record));
    assert.equal(isWormRecordIntact(record), true);
    assert.match(record.sha256, /^[0-9a-f]{64}$/);
    assert.ok(Number.isSafeInteger(record.sealedAt) && record.sealedAt > before, `sealed at ${record.sealedAt}`);
    assert.deepEqual(openWormRecord(entry, record), { n: 7, value: ['x'] });
  });

  for (const [name, sequence] of [
    ['above the height of an empty stream', 1],
    ['far above it', Number.MAX_SAFE_INTEGER],
  ] as const) {
    fact(`an append ${name} is SEQUENCE_CONFLICT`, async ({ store }) => {
      await assertCode('SEQUENCE_CONFLICT', async () => store.append('a', sequence, { n: 1 }));
      await assertCode('SEQUENCE_CONFLICT', async () => store.appendBatch('a', sequence, [{ n: 1 }]));
      assert.equal(await store.height('a'), undefined);
      assert.deepEqual(await store.streams(), []);
    });
  }

  for (const sequence of [0, 1, 2, 4, 5, Number.MAX_SAFE_INTEGER]) {
    fact(
      `an append at ${sequence} to a stream that continues at 3 is SEQUENCE_CONFLICT and changes nothing`,
      async (opened) => {
        const { store } = opened;
        const stored = await store.appendBatch('a', 0, createEntries(3));
        await assertCode('SEQUENCE_CONFLICT', async () => store.append('a', sequence, { n: 99 }));
        await assertCode('SEQUENCE_CONFLICT', async () => store.appendBatch('a', sequence, createEntries(2, 99)));
        assert.deepEqual((await readRange(store, 'a')).map(toPlain), stored.map(toPlain));
        assert.equal((await store.append('a', 3, { n: 3 })).sequence, 3);
      },
    );
  }

  fact('the same document at the same sequence again is SEQUENCE_CONFLICT', async ({ store }) => {
    await store.append('a', 0, { n: 0 });
    await assertCode('SEQUENCE_CONFLICT', async () => store.append('a', 0, { n: 0 }));
    assert.equal(await store.count('a'), 1);
  });

  fact('a batch is stored in its order', async ({ store }) => {
    await store.append('a', 0, { n: 0 });
    const records = await store.appendBatch('a', 1, createEntries(1_000, 1));
    assert.deepEqual(
      records.map(({ sequence }) => sequence),
      Array.from({ length: 1_000 }, (_, index) => index + 1),
    );
    const stored = await readRange(store, 'a', 1);
    assert.deepEqual(stored.map(toPlain), records.map(toPlain));
    assert.deepEqual(
      stored.map((record) => openWormRecord(entry, record).n),
      Array.from({ length: 1_000 }, (_, index) => index + 1),
    );
  });

  fact('an empty batch does nothing, wherever it is put', async ({ store }) => {
    assert.deepEqual(await store.appendBatch('a', 0, []), []);
    assert.deepEqual(await store.appendBatch('a', 7, []), []);
    assert.equal(await store.height('a'), undefined);
    assert.deepEqual(await store.streams(), []);
  });

  fact('a batch with a malformed document leaves nothing', async ({ store }) => {
    await store.append('a', 0, { n: 0 });
    await assertCode('INVALID', async () => store.appendBatch('a', 1, [{ n: 1 }, untyped({ n: 'two' }), { n: 3 }]));
    assert.equal(await store.height('a'), 0);
    await store.append('a', 1, { n: 1 });
  });

  for (const [name, value] of jsonSpecimens) {
    fact(`a document opens as what was written: ${name}`, async ({ store }) => {
      await store.append('a', 0, { n: 0, value });
      const record = await store.get('a', 0);
      assert.ok(record !== undefined);
      assert.deepEqual(openWormRecord(entry, record), { n: 0, value });
    });
  }

  for (const [name, value] of hostileValues) {
    fact(`refuses a document that cannot be kept, and writes nothing: ${name}`, async ({ store }) => {
      await assertCode('INVALID', async () => store.append('a', 0, { n: 0, value: [value] }));
      await assertCode('INVALID', async () => store.appendBatch('a', 0, [{ n: 0 }, { n: 1, value: [value] }]));
      assert.equal(await store.height('a'), undefined);
    });
  }

  for (const wrong of [undefined, null, 'a', {}, { n: '1' }, []]) {
    fact(`refuses what does not fit the schema: ${JSON.stringify(wrong)}`, async ({ store }) => {
      await assertCode('INVALID', async () => store.append('a', 0, untyped(wrong)));
      await assertCode('INVALID', async () => store.appendBatch('a', 0, [untyped(wrong)]));
      assert.equal(await store.height('a'), undefined);
    });
  }

  fact('what was written cannot be changed through what was handed in or returned', async ({ store }) => {
    const document = { n: 1, value: [1] };
    const appended = await store.append('a', 0, document);
    const expected = toPlain(appended);
    document.value.push(2);
    appended.bytes.fill(0);
    const read = await store.get('a', 0);
    assert.deepEqual(toPlain(read), expected);
    read?.bytes.fill(0);
    (await readRange(store, 'a'))[0]?.bytes.fill(0);
    assert.deepEqual(toPlain(await store.get('a', 0)), expected);
  });
}
