import assert from 'node:assert/strict';
import { assertCode } from '../assert-code.ts';
import { hostileLists, hostileOptions, nameOf } from '../hostile-queries.ts';
import { untyped } from '../untyped.ts';
import { type EntryFact, readRange } from './entry.ts';

const hostileStreams: readonly unknown[] = [
  '',
  'x'.repeat(129),
  '.a',
  '-a',
  '_a',
  ':a',
  'a b',
  'a/b',
  'a\\b',
  "a'",
  'a"',
  'a%',
  'a*',
  '$a',
  'a\n',
  'a\u0000',
  '\u00e9',
  '\u0661',
  'a\ud800',
  null,
  undefined,
  1,
  ['a'],
];

const hostileSequences: readonly unknown[] = [
  -1,
  0.5,
  Number.NaN,
  Number.POSITIVE_INFINITY,
  2 ** 53,
  '0',
  '01',
  '',
  null,
  true,
  0n,
  [0],
];

/** Malformed arguments: `INVALID`, and nothing changes. */
export function describeWormRefusals(fact: EntryFact): void {
  for (const hostile of hostileStreams) {
    const name = typeof hostile === 'string' && hostile.length > 20 ? '129 characters' : nameOf(hostile);
    fact(`refuses a name of a stream: ${name}`, async ({ store }) => {
      const stream: string = untyped(hostile);
      await assertCode('INVALID', async () => store.append(stream, 0, { n: 0 }));
      await assertCode('INVALID', async () => store.appendBatch(stream, 0, [{ n: 0 }]));
      await assertCode('INVALID', async () => store.appendBatch(stream, 0, []));
      await assertCode('INVALID', async () => store.get(stream, 0));
      await assertCode('INVALID', async () => readRange(store, stream));
      await assertCode('INVALID', async () => store.find(stream, {}));
      await assertCode('INVALID', async () => store.height(stream));
      await assertCode('INVALID', async () => store.count(stream));
      await assertCode('INVALID', async () => store.exists(stream, 0));
      await assertCode('INVALID', async () => store.verifyIntegrity(stream));
      assert.deepEqual(await store.streams(), []);
    });
  }

  for (const hostile of [...hostileSequences, undefined]) {
    fact(`refuses a sequence: ${nameOf(hostile)}`, async ({ store }) => {
      const sequence: number = untyped(hostile);
      await store.append('a', 0, { n: 0 });
      await assertCode('INVALID', async () => store.append('a', sequence, { n: 1 }));
      await assertCode('INVALID', async () => store.appendBatch('a', sequence, [{ n: 1 }]));
      await assertCode('INVALID', async () => store.appendBatch('a', sequence, []));
      await assertCode('INVALID', async () => store.get('a', sequence));
      await assertCode('INVALID', async () => store.exists('a', sequence));
      assert.equal(await store.height('a'), 0);
    });
  }

  for (const hostile of hostileSequences) {
    fact(`refuses bounds: ${nameOf(hostile)}`, async ({ store }) => {
      const bound: number = untyped(hostile);
      await store.append('a', 0, { n: 0 });
      for (const stream of ['a', 'empty']) {
        await assertCode('INVALID', async () => readRange(store, stream, bound, 1));
        await assertCode('INVALID', async () => readRange(store, stream, 0, bound));
        await assertCode('INVALID', async () => store.verifyIntegrity(stream, { from: bound }));
        await assertCode('INVALID', async () => store.verifyIntegrity(stream, { to: bound }));
      }
    });
  }

  for (const list of hostileLists) {
    fact(`refuses what is no list: ${nameOf(list)}`, async ({ store }) => {
      await assertCode('INVALID', async () => store.appendBatch('a', 0, untyped(list)));
      assert.equal(await store.height('a'), undefined);
    });
  }

  for (const value of hostileOptions) {
    fact(`refuses what are no options: ${nameOf(value)}`, async ({ store }) => {
      await store.append('a', 0, { n: 0 });
      await assertCode('INVALID', async () => store.append('a', 1, { n: 1 }, untyped(value)));
      await assertCode('INVALID', async () => store.appendBatch('a', 1, [{ n: 1 }], untyped(value)));
      await assertCode('INVALID', async () => store.get('a', 0, untyped(value)));
      await assertCode('INVALID', async () => Array.fromAsync(store.range('a', 0, 1, untyped(value))));
      await assertCode('INVALID', async () => store.find('a', {}, untyped(value)));
      await assertCode('INVALID', async () => store.height('a', untyped(value)));
      await assertCode('INVALID', async () => store.count('a', untyped(value)));
      await assertCode('INVALID', async () => store.exists('a', 0, untyped(value)));
      await assertCode('INVALID', async () => store.streams(untyped(value)));
      await assertCode('INVALID', async () => store.verifyIntegrity('a', {}, untyped(value)));
      await assertCode('INVALID', async () => store.verifyIntegrity('a', untyped(value)));
      assert.equal(await store.height('a'), 0);
    });
  }
}
