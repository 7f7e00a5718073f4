import assert from 'node:assert/strict';
import { inspect } from 'node:util';
import type { CacheStore } from '../../ports/cache-store.ts';
import { assertCode } from '../assert-code.ts';
import type { Fact } from '../create-fact.ts';
import { jsonSpecimens } from '../json-specimens.ts';
import { untyped } from '../untyped.ts';
import type { OpenedCoordinatedStores } from './coordinated-provider.ts';

const LONG = { ttlMs: 60_000 };
const SHORT_MS = 200;
const PAST_SHORT_MS = 300;

const hostileTimes: readonly unknown[] = [0, -1, 0.5, 3_600_001, Number.NaN, null, '10'];
const hostileTokens: readonly unknown[] = ['', 'x'.repeat(65), 'a b', 'a:b', 'a\n', '\u00e9', null, 7];

const changes: Readonly<Record<string, (store: CacheStore) => Promise<unknown>>> = {
  set: async (store) => store.set('a:1', 5),
  remove: async (store) => store.remove('a:1'),
  removeByPattern: async (store) => store.removeByPattern('a:*'),
  increment: async (store) => store.increment('a:1'),
};

/** Who may make a value, and what ends that. */
export function describeLeases(fact: Fact<OpenedCoordinatedStores>): void {
  fact('one at a time holds the lease of a key, whoever asks', async ({ store, other }) => {
    assert.deepEqual(await store.lease('a', 'one', LONG), { isGranted: true, value: undefined });
    assert.deepEqual(await other.lease('a', 'two', LONG), { isGranted: false, value: undefined });
    assert.deepEqual(await store.lease('a', 'three', LONG), { isGranted: false, value: undefined });
    assert.equal((await store.lease('a', 'one', LONG)).isGranted, true);
    assert.equal((await other.lease('b', 'two', LONG)).isGranted, true);
  });

  fact('of many who ask at once, one is granted it', async ({ store, other }) => {
    const ask = async (index: number) => (index % 2 === 0 ? store : other).lease('a', `token-${index}`, LONG);
    const answers = await Promise.all(Array.from({ length: 50 }, async (_, index) => ask(index)));
    assert.equal(answers.filter(({ isGranted }) => isGranted).length, 1);
  });

  for (const [name, value] of jsonSpecimens) {
    fact(
      `the answer has the entry, which stays, and who holds the lease can replace it: ${name}`,
      async ({ store, other }) => {
        await store.set('a', value);
        assert.deepEqual(await store.lease('a', 'one', LONG), { isGranted: true, value });
        assert.deepEqual(await other.lease('a', 'two', LONG), { isGranted: false, value });
        assert.deepEqual(await other.get('a'), value);
        assert.equal(await store.setIfLeased('a', 'one', { made: value }), true);
        assert.deepEqual(await other.get('a'), { made: value });
      },
    );
  }

  for (const [name, change] of Object.entries(changes)) {
    fact(`${name} by anybody ends the lease, whether there is an entry or not`, async ({ store, other }) => {
      for (const changer of [store, other]) {
        for (const before of [undefined, 1]) {
          await store.remove('a:1');
          await (before === undefined ? undefined : store.set('a:1', before));
          await store.lease('a:1', 'token', LONG);
          await change(changer);
          const after = await store.get('a:1');
          assert.equal(await store.setIfLeased('a:1', 'token', 'older'), false);
          assert.deepEqual(await store.get('a:1'), after);
        }
      }
    });

    fact(`${name} of another key leaves the lease`, async ({ store, other }) => {
      await store.lease('b:1', 'token', LONG);
      await change(other);
      assert.equal(await store.setIfLeased('b:1', 'token', 'made'), true);
    });
  }

  fact('writing ends the lease, and only the right token writes', async ({ store, other }) => {
    await store.lease('a', 'one', LONG);
    assert.equal(await other.setIfLeased('a', 'two', 'wrong'), false);
    assert.equal(await store.exists('a'), false);
    assert.equal(await store.setIfLeased('a', 'one', 'made'), true);
    assert.equal(await store.setIfLeased('a', 'one', 'again'), false);
    assert.equal(await other.get('a'), 'made');
    assert.equal((await other.lease('a', 'two', LONG)).isGranted, true);
  });

  fact('nobody writes without a lease', async ({ store }) => {
    await store.set('a', 'there');
    assert.equal(await store.setIfLeased('a', 'one', 'new'), false);
    assert.equal(await store.setIfLeased('b', 'one', 'new'), false);
    assert.deepEqual([await store.get('a'), await store.exists('b')], ['there', false]);
  });

  fact('a lease that is given back is free, and only the right token gives it back', async ({ store, other }) => {
    await store.lease('a', 'one', LONG);
    await other.release('a', 'two');
    assert.equal((await other.lease('a', 'two', LONG)).isGranted, false);
    await store.release('a', 'one');
    await store.release('a', 'one');
    assert.equal(await store.setIfLeased('a', 'one', 'late'), false);
    assert.equal((await other.lease('a', 'two', LONG)).isGranted, true);
  });

  fact(
    'a lease ends with its time, and asking again with its token begins that anew',
    async ({ store, other, advance }) => {
      await store.lease('short', 'one', { ttlMs: SHORT_MS });
      await store.lease('renewed', 'one', { ttlMs: SHORT_MS });
      await store.lease('renewed', 'one', LONG);
      await advance(PAST_SHORT_MS);
      assert.equal(await store.setIfLeased('short', 'one', 'late'), false);
      assert.equal((await other.lease('short', 'two', LONG)).isGranted, true);
      assert.equal((await other.lease('renewed', 'two', LONG)).isGranted, false);
      assert.equal(await store.setIfLeased('renewed', 'one', 'made'), true);
    },
  );

  fact('what is written with a lease has the time to live that the call gives', async ({ store, advance }) => {
    for (const [key, ttlMs] of [['short', SHORT_MS] as const, ['long', LONG.ttlMs] as const]) {
      await store.lease(key, 'one', LONG);
      await store.setIfLeased(key, 'one', 1, { ttlMs });
    }
    await advance(PAST_SHORT_MS);
    assert.deepEqual([await store.exists('short'), await store.exists('long')], [false, true]);
  });

  fact('a lease leaves the entry its time to live, and so does giving it back', async ({ store, other, advance }) => {
    for (const key of ['leased', 'given back']) {
      await other.set(key, 1, { ttlMs: SHORT_MS });
      await store.lease(key, 'one', LONG);
    }
    await store.release('given back', 'one');
    assert.deepEqual([await other.get('leased'), await other.get('given back')], [1, 1]);
    await advance(PAST_SHORT_MS);
    assert.deepEqual([await other.exists('leased'), await other.exists('given back')], [false, false]);
  });

  fact('a lease is no entry and counts nowhere', async ({ store }) => {
    for (const key of ['get', 'remove', 'pattern', 'count']) {
      await store.lease(key, 'one', LONG);
    }
    assert.equal(await store.getWithTtl('get'), undefined);
    assert.equal(await store.exists('get'), false);
    assert.equal(await store.remove('remove'), false);
    assert.equal(await store.removeByPattern('pattern'), 0);
    assert.equal(await store.increment('count'), 1);
    const { hits, misses, sets, removals } = store.statistics();
    assert.deepEqual({ hits, misses, sets, removals }, { hits: 0, misses: 1, sets: 1, removals: 0 });
  });

  fact('the time that is left is never more than what the store keeps', async ({ store, other, advance }) => {
    assert.equal(await store.getWithTtl('a'), undefined);
    await other.set('a', [1], { ttlMs: 10_000 });
    const first = await store.getWithTtl('a');
    assert.deepEqual(first?.value, [1]);
    assert.ok(first.ttlMs > 0 && first.ttlMs <= 10_000);
    await advance(PAST_SHORT_MS);
    const second = await store.getWithTtl('a');
    assert.ok(second !== undefined && second.ttlMs <= 10_000 - PAST_SHORT_MS + 50);
    await other.set('b', 1, { ttlMs: SHORT_MS });
    await advance(PAST_SHORT_MS);
    assert.equal(await store.getWithTtl('b'), undefined);
  });

  for (const ttlMs of hostileTimes) {
    fact(`refuses a time for a lease: ${inspect(ttlMs)}`, async ({ store }) => {
      await assertCode('INVALID', async () => store.lease('a', 'one', { ttlMs: untyped(ttlMs) }));
    });
  }

  for (const hostile of hostileTokens) {
    fact(`refuses a token: ${inspect(hostile).slice(0, 20)}`, async ({ store }) => {
      const token: string = untyped(hostile);
      await assertCode('INVALID', async () => store.lease('a', token, LONG));
      await assertCode('INVALID', async () => store.setIfLeased('a', token, 1));
      await assertCode('INVALID', async () => store.release('a', token));
    });
  }

  fact('what cannot be kept is refused, and nothing is written', async ({ store }) => {
    await store.lease('a', 'one', LONG);
    await assertCode('INVALID', async () => store.setIfLeased('a', 'one', untyped(undefined)));
    await assertCode('INVALID', async () => store.setIfLeased('', 'one', 1));
    assert.equal(await store.exists('a'), false);
  });

  fact('all calls fail with CLOSED after close, and with TIMEOUT after their signal', async ({ store }) => {
    const call = { signal: AbortSignal.abort() };
    await assertCode('TIMEOUT', async () => store.lease('a', 'one', { ...LONG, ...call }));
    await assertCode('TIMEOUT', async () => store.setIfLeased('a', 'one', 1, call));
    await assertCode('TIMEOUT', async () => store.release('a', 'one', call));
    await assertCode('TIMEOUT', async () => store.getWithTtl('a', call));
    await store.close();
    await assertCode('CLOSED', async () => store.lease('a', 'one', LONG));
    await assertCode('CLOSED', async () => store.setIfLeased('a', 'one', 1));
    await assertCode('CLOSED', async () => store.release('a', 'one'));
    await assertCode('CLOSED', async () => store.getWithTtl('a'));
  });
}
