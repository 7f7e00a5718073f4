import assert from 'node:assert/strict';
import type { CacheStore } from '../../ports/cache-store.ts';
import type { CallOptions } from '../../ports/call-options.ts';
import { assertCode } from '../assert-code.ts';
import { assertHealth } from '../assert-health.ts';
import type { Fact } from '../create-fact.ts';
import type { OpenedCacheStore } from './cache-provider.ts';

const noFactory = (): never => assert.fail('the factory must not be asked');

const calls: Readonly<Record<string, (store: CacheStore, options?: CallOptions) => Promise<unknown>>> = {
  get: async (store, options) => store.get('a', options),
  set: async (store, options) => store.set('b', 2, options),
  remove: async (store, options) => store.remove('a', options),
  exists: async (store, options) => store.exists('a', options),
  getOrSet: async (store, options) => store.getOrSet('b', noFactory, options),
  removeByPattern: async (store, options) => store.removeByPattern('**', options),
  increment: async (store, options) => store.increment('a', options),
};

/** Counts, signals, health and the end. */
export function describeCacheLifecycle(fact: Fact<OpenedCacheStore>): void {
  fact('names its provider', async ({ store }) => {
    assert.match(store.provider, /^[a-z][a-z0-9-]*$/);
  });

  fact('counts hits and misses of reads, and nothing else as such', async ({ store }) => {
    assert.deepEqual(store.statistics(), { hits: 0, misses: 0, errors: 0, sets: 0, removals: 0, evictions: 0 });
    await store.get('a');
    await store.getOrSet('a', () => 1);
    await store.getOrSet('a', noFactory);
    await store.get('a');
    await store.exists('a');
    await store.exists('b');
    await store.remove('b');
    const { hits, misses, errors } = store.statistics();
    assert.deepEqual({ hits, misses, errors }, { hits: 2, misses: 2, errors: 0 });
  });

  fact('counts entries written and removed', async ({ store }) => {
    await store.set('a', 1);
    await store.set('a', 2);
    await store.getOrSet('b', () => 1);
    await store.increment('c');
    await store.remove('a');
    await store.remove('a');
    await store.removeByPattern('*');
    const { sets, removals } = store.statistics();
    assert.deepEqual({ sets, removals }, { sets: 4, removals: 3 });
  });

  fact('a call that is refused is no failure of the store', async ({ store }) => {
    await assertCode('INVALID', async () => store.get(''));
    assert.equal(store.statistics().errors, 0);
  });

  fact('the counts that were read stay as they were', async ({ store }) => {
    const before = store.statistics();
    await store.set('a', 1);
    assert.equal(before.sets, 0);
    assert.equal(store.statistics().sets, 1);
  });

  for (const [name, call] of Object.entries(calls)) {
    fact(`${name} with a signal that has fired ends with TIMEOUT and has no effect`, async ({ store }) => {
      await store.set('a', 1);
      await assertCode('TIMEOUT', async () => call(store, { signal: AbortSignal.abort() }));
      assert.equal(await store.get('a'), 1);
      assert.equal(await store.exists('b'), false);
    });

    fact(`${name} fails with CLOSED after close`, async ({ store }) => {
      await store.close();
      await assertCode('CLOSED', async () => call(store));
    });
  }

  fact('a signal that does not fire changes nothing', async ({ store }) => {
    const { signal } = new AbortController();
    await store.set('a', 1, { signal });
    assert.equal(await store.increment('a', { signal }), 2);
    assert.equal(await store.get('a', { signal }), 2);
  });

  fact('closing again does nothing, also at the same time', async ({ store }) => {
    await Promise.all([store.close(), store.close()]);
    await store.close();
  });

  fact('health makes a round trip and never throws', async ({ store }) => {
    assertHealth(await store.health(), store.provider, ['pass', 'warn']);
    assertHealth(await store.health({ signal: AbortSignal.abort() }), store.provider);
    await store.close();
    assertHealth(await store.health(), store.provider, ['fail']);
  });
}
