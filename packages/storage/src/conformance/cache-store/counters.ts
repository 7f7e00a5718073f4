import assert from 'node:assert/strict';
import { inspect } from 'node:util';
import type { JsonValue } from '../../json-value.ts';
import { assertCode } from '../assert-code.ts';
import type { Fact } from '../create-fact.ts';
import { untyped } from '../untyped.ts';
import type { OpenedCacheStore } from './cache-provider.ts';

const hostileSteps: readonly unknown[] = [0.5, Number.NaN, Number.POSITIVE_INFINITY, 2 ** 53, '1', null, 1n];

const noCounters: readonly JsonValue[] = [null, '1', '', 'abc', 1.5, 2 ** 53, true, [1], { value: 1 }];

/** Counting. */
export function describeCounters(fact: Fact<OpenedCacheStore>): void {
  fact('an absent counter starts at 0, and every call returns the new value', async ({ store }) => {
    assert.equal(await store.increment('a'), 1);
    assert.equal(await store.increment('a'), 2);
    assert.equal(await store.increment('a', { by: 40 }), 42);
    assert.equal(await store.increment('a', { by: -50 }), -8);
    assert.equal(await store.increment('a', { by: 0 }), -8);
    assert.equal(await store.increment('b', { by: -0 }), 0);
    assert.equal(await store.get('a'), -8);
    assert.equal(await store.get('b'), 0);
  });

  fact('an integer that was written counts on', async ({ store }) => {
    await store.set('a', 41);
    assert.equal(await store.increment('a'), 42);
    await store.set('a', -1);
    assert.equal(await store.increment('a'), 0);
  });

  fact('a removed counter starts again', async ({ store }) => {
    await store.increment('a', { by: 9 });
    await store.remove('a');
    assert.equal(await store.increment('a'), 1);
  });

  fact('concurrent calls lose nothing and see each value once', async ({ store }) => {
    const seen = await Promise.all(Array.from({ length: 100 }, async () => store.increment('a')));
    assert.deepEqual(
      seen.sort((a, b) => a - b),
      Array.from({ length: 100 }, (_, index) => index + 1),
    );
    assert.equal(await store.get('a'), 100);
  });

  for (const value of noCounters) {
    fact(`an entry that is no integer is not counted and stays: ${inspect(value)}`, async ({ store }) => {
      await store.set('a', value);
      await assertCode('INVALID', async () => store.increment('a'));
      await assertCode('INVALID', async () => store.increment('a', { by: -1 }));
      assert.deepEqual(await store.get('a'), value);
    });
  }

  for (const [start, by] of [
    [Number.MAX_SAFE_INTEGER, 1],
    [Number.MIN_SAFE_INTEGER, -1],
    [1, Number.MAX_SAFE_INTEGER],
    [Number.MIN_SAFE_INTEGER, Number.MIN_SAFE_INTEGER],
  ] as const) {
    fact(`a sum that is no safe integer is refused and changes nothing: ${start} + ${by}`, async ({ store }) => {
      await store.increment('a', { by: start });
      await assertCode('INVALID', async () => store.increment('a', { by }));
      assert.equal(await store.get('a'), start);
    });
  }

  fact('counts up to the largest and down to the smallest safe integer', async ({ store }) => {
    await store.increment('a', { by: Number.MAX_SAFE_INTEGER - 1 });
    assert.equal(await store.increment('a'), Number.MAX_SAFE_INTEGER);
    assert.equal(await store.increment('a', { by: Number.MIN_SAFE_INTEGER }), 0);
    assert.equal(await store.increment('a', { by: Number.MIN_SAFE_INTEGER }), Number.MIN_SAFE_INTEGER);
  });

  for (const by of hostileSteps) {
    fact(`refuses to add what is no safe integer: ${inspect(by)}`, async ({ store }) => {
      await store.set('a', 1);
      await assertCode('INVALID', async () => store.increment('a', { by: untyped(by) }));
      await assertCode('INVALID', async () => store.increment('b', { by: untyped(by) }));
      assert.equal(await store.get('a'), 1);
      assert.equal(await store.exists('b'), false);
    });
  }
}
