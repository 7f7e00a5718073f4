import assert from 'node:assert/strict';
import type { CallOptions } from '../../ports/call-options.ts';
import type { WormEnforcement, WormStore } from '../../ports/worm-store.ts';
import { assertCode } from '../assert-code.ts';
import { assertHealth } from '../assert-health.ts';
import { type Entry, type EntryFact, readRange, toPlain } from './entry.ts';

type Call = (store: WormStore<Entry>, options?: CallOptions) => Promise<unknown>;

const calls: Readonly<Record<string, Call>> = {
  append: async (store, options) => store.append('a', 1, { n: 1 }, options),
  appendBatch: async (store, options) => store.appendBatch('a', 1, [{ n: 1 }], options),
  'appendBatch of nothing': async (store, options) => store.appendBatch('a', 1, [], options),
  get: async (store, options) => store.get('a', 0, options),
  range: async (store, options) => Array.fromAsync(store.range('a', 0, 1, options)),
  find: async (store, options) => store.find('a', {}, options),
  height: async (store, options) => store.height('a', options),
  count: async (store, options) => store.count('a', options),
  exists: async (store, options) => store.exists('a', 0, options),
  streams: async (store, options) => store.streams(options),
  verifyIntegrity: async (store, options) => store.verifyIntegrity('a', {}, options),
};

const MUTATOR = /update|delete|remove|replace|upsert|overwrite|truncate|clear|drop|purge|set|put/i;

/** Enforcement, signals, health and the end. */
export function describeWormLifecycle(fact: EntryFact, enforcement: WormEnforcement): void {
  fact('names its provider', async ({ store }) => {
    assert.match(store.provider, /^[a-z][a-z0-9-]*$/);
  });

  fact('has no way to change or remove a record', async ({ store }) => {
    const names = new Set<string>();
    for (let object: unknown = store; object !== Object.prototype && object !== null; ) {
      for (const name of Object.getOwnPropertyNames(object)) {
        names.add(name);
      }
      object = Object.getPrototypeOf(object);
    }
    assert.ok(names.has('append'));
    assert.deepEqual(
      [...names].filter((name) => MUTATOR.test(name)),
      [],
    );
  });

  fact(`reports that records are kept by the ${enforcement}, and leaves nothing behind`, async ({ store }) => {
    await store.append('a', 0, { n: 0 });
    for (let round = 0; round < 3; round += 1) {
      const health = await store.health();
      assertHealth(health, store.provider, ['pass', 'warn']);
      assert.equal(health.enforcement, enforcement);
    }
    assert.deepEqual(await store.streams(), ['a']);
    assert.equal(await store.count('a'), 1);
  });

  fact('health never throws', async ({ store }) => {
    assertHealth(await store.health({ signal: AbortSignal.abort() }), store.provider);
    await store.close();
    assertHealth(await store.health(), store.provider, ['fail']);
  });

  for (const [name, call] of Object.entries(calls)) {
    fact(`${name} with a signal that has fired ends with TIMEOUT and has no effect`, async ({ store }) => {
      const stored = await store.append('a', 0, { n: 0 });
      await assertCode('TIMEOUT', async () => call(store, { signal: AbortSignal.abort() }));
      assert.deepEqual((await readRange(store, 'a')).map(toPlain), [toPlain(stored)]);
    });

    fact(`${name} fails with CLOSED after close`, async ({ store }) => {
      await store.append('a', 0, { n: 0 });
      await store.close();
      await assertCode('CLOSED', async () => call(store));
    });
  }

  fact('a range ends with TIMEOUT when the signal fires on the way', async ({ store }) => {
    await store.appendBatch(
      'a',
      0,
      Array.from({ length: 2_000 }, (_, n) => ({ n })),
    );
    const abort = new AbortController();
    let seen = 0;
    await assertCode('TIMEOUT', async () => {
      for await (const _ of store.range('a', 0, 1_999, { signal: abort.signal })) {
        seen += 1;
        abort.abort();
      }
    });
    assert.ok(seen < 2_000, `The range went on to its end: ${seen} records.`);
  });

  fact('closing again does nothing, also at the same time', async ({ store }) => {
    await Promise.all([store.close(), store.close()]);
    await store.close();
  });
}
