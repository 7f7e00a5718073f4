import assert from 'node:assert/strict';
import { inspect } from 'node:util';
import { assertCode } from '../assert-code.ts';
import type { Fact } from '../create-fact.ts';
import { untyped } from '../untyped.ts';
import type { OpenedCacheStore } from './cache-provider.ts';

const SHORT_MS = 200;
/** Longer than the short time to live by far enough for a clock that really runs. */
const PAST_SHORT_MS = 300;
const LONG_MS = 3_600_000;
const LONGEST_MS = 31_536_000_000;

const hostileTimes: readonly unknown[] = [0, -1, 0.5, Number.NaN, Number.POSITIVE_INFINITY, LONGEST_MS + 1, '10', null];

/** How long an entry counts. */
export function describeTimeToLive(fact: Fact<OpenedCacheStore>): void {
  fact('an entry past its time to live is absent for every call', async ({ store, advance }) => {
    const keys = ['get', 'exists', 'remove', 'pattern', 'factory'];
    await Promise.all(keys.map(async (key) => store.set(key, 'old', { ttlMs: SHORT_MS })));
    assert.equal(await store.get('get'), 'old');
    await advance(PAST_SHORT_MS);
    assert.equal(await store.get('get'), undefined);
    assert.equal(await store.exists('exists'), false);
    assert.equal(await store.remove('remove'), false);
    assert.equal(await store.removeByPattern('pattern'), 0);
    assert.equal(await store.getOrSet('factory', () => 'new'), 'new');
  });

  fact('entries with a long time to live or the default one stay', async ({ store, advance }) => {
    await store.set('long', 1, { ttlMs: LONG_MS });
    await store.set('longest', 2, { ttlMs: LONGEST_MS });
    await store.set('default', 3);
    await advance(PAST_SHORT_MS);
    const read = async (key: string) => store.get(key);
    assert.deepEqual(await Promise.all(['long', 'longest', 'default'].map(read)), [1, 2, 3]);
  });

  fact('each write starts the time to live anew', async ({ store, advance }) => {
    await store.set('longer', 1, { ttlMs: SHORT_MS });
    await store.set('longer', 2, { ttlMs: LONG_MS });
    await store.set('shorter', 1, { ttlMs: LONG_MS });
    await store.set('shorter', 2, { ttlMs: SHORT_MS });
    await store.set('default', 1, { ttlMs: SHORT_MS });
    await store.set('default', 2);
    await advance(PAST_SHORT_MS);
    assert.equal(await store.get('longer'), 2);
    assert.equal(await store.get('shorter'), undefined);
    assert.equal(await store.get('default'), 2);
  });

  fact('a value from a factory has the time to live that the call gives', async ({ store, advance }) => {
    await store.getOrSet('short', () => 1, { ttlMs: SHORT_MS });
    await store.getOrSet('long', () => 1, { ttlMs: LONG_MS });
    await advance(PAST_SHORT_MS);
    assert.equal(await store.exists('short'), false);
    assert.equal(await store.exists('long'), true);
  });

  fact('a read through getOrSet leaves the time to live', async ({ store, advance }) => {
    await store.set('a', 'old', { ttlMs: SHORT_MS });
    await store.getOrSet('a', () => 'new', { ttlMs: LONG_MS });
    await advance(PAST_SHORT_MS);
    assert.equal(await store.get('a'), undefined);
  });

  fact('only the call that creates a counter sets its time to live', async ({ store, advance }) => {
    await store.increment('short', { ttlMs: SHORT_MS });
    await store.increment('short', { ttlMs: LONG_MS });
    await store.increment('short');
    await store.increment('long', { ttlMs: LONG_MS });
    await store.increment('long', { ttlMs: SHORT_MS });
    await store.set('written', 5, { ttlMs: SHORT_MS });
    await store.increment('written', { ttlMs: LONG_MS });
    await advance(PAST_SHORT_MS);
    assert.equal(await store.increment('short'), 1);
    assert.equal(await store.increment('long'), 3);
    assert.equal(await store.exists('written'), false);
  });

  for (const hostile of hostileTimes) {
    fact(`refuses a time to live and changes nothing: ${inspect(hostile)}`, async ({ store }) => {
      const ttlMs: number = untyped(hostile);
      const factory = () => assert.fail('a call that is refused must not ask its factory');
      await store.set('a', 1, { ttlMs: LONG_MS });
      await assertCode('INVALID', async () => store.set('a', 2, { ttlMs }));
      await assertCode('INVALID', async () => store.increment('a', { ttlMs }));
      await assertCode('INVALID', async () => store.getOrSet('b', factory, { ttlMs }));
      assert.equal(await store.get('a'), 1);
      assert.equal(await store.exists('b'), false);
    });
  }

  fact('takes one millisecond and 365 days', async ({ store }) => {
    await store.set('a', 'x', { ttlMs: 1 });
    await store.set('b', 'x', { ttlMs: LONGEST_MS });
    assert.equal(store.statistics().sets, 2);
  });
}
