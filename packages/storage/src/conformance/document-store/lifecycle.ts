import assert from 'node:assert/strict';
import type { CallOptions } from '../../ports/call-options.ts';
import type { DocumentStore } from '../../ports/document-store.ts';
import { assertCode } from '../assert-code.ts';
import { assertHealth } from '../assert-health.ts';
import type { Specimen, SpecimenFact } from './specimen.ts';

type Call = (store: DocumentStore<Specimen>, options?: CallOptions) => Promise<unknown>;

const calls: Readonly<Record<string, Call>> = {
  get: async (store, options) => store.get('a', options),
  getMany: async (store, options) => store.getMany(['a'], options),
  find: async (store, options) => store.find({}, options),
  insert: async (store, options) => store.insert({ id: 'b' }, options),
  insertMany: async (store, options) => store.insertMany([{ id: 'b' }], options),
  replace: async (store, options) => store.replace({ id: 'a', changed: true, version: 1 }, options),
  upsert: async (store, options) => store.upsert({ id: 'a', changed: true }, options),
  delete: async (store, options) => store.delete('a', options),
  deleteMany: async (store, options) => store.deleteMany({}, options),
  count: async (store, options) => store.count({}, options),
  exists: async (store, options) => store.exists('a', options),
};

/** Signals, health and the end. */
export function describeDocumentLifecycle(fact: SpecimenFact): void {
  fact('names its provider', async ({ store }) => {
    assert.match(store.provider, /^[a-z][a-z0-9-]*$/);
  });

  for (const [name, call] of Object.entries(calls)) {
    fact(`${name} with a signal that has fired ends with TIMEOUT and has no effect`, async ({ store }) => {
      const stored = await store.insert({ id: 'a' });
      await assertCode('TIMEOUT', async () => call(store, { signal: AbortSignal.abort() }));
      assert.deepEqual(await store.find({}), [stored]);
    });

    fact(`${name} fails with CLOSED after close`, async ({ store }) => {
      await store.insert({ id: 'a' });
      await store.close();
      await assertCode('CLOSED', async () => call(store));
    });
  }

  fact('a signal that does not fire changes nothing', async ({ store }) => {
    const { signal } = new AbortController();
    const stored = await store.insert({ id: 'a' }, { signal });
    assert.deepEqual(await store.find({}, { signal }), [stored]);
    assert.equal(await store.delete('a', { version: 1, signal }), true);
  });

  fact('closing again does nothing, also at the same time', async ({ store }) => {
    await Promise.all([store.close(), store.close()]);
    await store.close();
  });

  fact('health makes a round trip, changes nothing and never throws', async ({ store }) => {
    assertHealth(await store.health(), store.provider, ['pass', 'warn']);
    assertHealth(await store.health({ signal: AbortSignal.abort() }), store.provider);
    assert.equal(await store.count(), 0);
    await store.close();
    assertHealth(await store.health(), store.provider, ['fail']);
  });
}
