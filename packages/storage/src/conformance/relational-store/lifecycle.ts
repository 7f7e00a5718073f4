import assert from 'node:assert/strict';
import type { CallOptions } from '../../ports/call-options.ts';
import type { Repository } from '../../ports/repository.ts';
import { assertCode } from '../assert-code.ts';
import { assertHealth } from '../assert-health.ts';
import { createPart, type Part, part, type RelationalFact, scanAll } from './entities.ts';

const calls: Readonly<Record<string, (parts: Repository<Part>, options?: CallOptions) => Promise<unknown>>> = {
  get: async (parts, options) => parts.get('a', options),
  find: async (parts, options) => parts.find({}, options),
  page: async (parts, options) => parts.page({ page: 1, pageSize: 1 }, options),
  scan: async (parts, options) => scanAll(parts, {}, options),
  add: async (parts, options) => parts.add(createPart('b'), options),
  addMany: async (parts, options) => parts.addMany([createPart('b')], options),
  update: async (parts, options) => parts.update({ ...createPart('a', { size: 1 }), version: 1 }, options),
  delete: async (parts, options) => parts.delete('a', options),
  exists: async (parts, options) => parts.exists('a', options),
  count: async (parts, options) => parts.count({}, options),
};

/** Signals, health and the end. */
export function describeRelationalLifecycle(fact: RelationalFact): void {
  fact('names its provider', async ({ store }) => {
    assert.match(store.provider, /^[a-z][a-z0-9-]*$/);
    await store.transaction(async (inner) => {
      assert.equal(inner.provider, store.provider);
    });
    assert.equal(store.tenant('one').provider, store.provider);
  });

  for (const [name, call] of Object.entries(calls)) {
    fact(`${name} with a signal that has fired ends with TIMEOUT and has no effect`, async ({ store }) => {
      const parts = store.repository(part);
      const stored = await parts.add(createPart('a'));
      const options = { signal: AbortSignal.abort() };
      await assertCode('TIMEOUT', async () => call(parts, options));
      await store.transaction(async (inner) => {
        await assertCode('TIMEOUT', async () => call(inner.repository(part), options));
      });
      assert.deepEqual(await parts.find({}), [stored]);
    });

    fact(`${name} fails with CLOSED after close`, async ({ store }) => {
      const parts = store.repository(part);
      await parts.add(createPart('a'));
      await store.close();
      await assertCode('CLOSED', async () => call(parts));
    });
  }

  fact('a transaction fails with CLOSED after close', async ({ store }) => {
    await store.close();
    await assertCode('CLOSED', async () => store.transaction(async () => 1));
  });

  fact('a signal that does not fire changes nothing', async ({ store }) => {
    const { signal } = new AbortController();
    const parts = store.repository(part);
    const stored = await parts.add(createPart('a'), { signal });
    assert.deepEqual(await parts.find({}, { signal }), [stored]);
    assert.equal(await store.transaction(async (inner) => inner.repository(part).count(), { signal }), 1);
    assert.equal(await parts.delete('a', { version: 1, signal }), true);
  });

  fact('closing again does nothing, also at the same time', async ({ store }) => {
    await Promise.all([store.close(), store.close()]);
    await store.close();
  });

  fact('health makes a round trip, changes nothing and never throws', async ({ store }) => {
    assertHealth(await store.health(), store.provider, ['pass', 'warn']);
    assertHealth(await store.health({ signal: AbortSignal.abort() }), store.provider);
    assert.equal(await store.repository(part).count(), 0);
    await store.close();
    assertHealth(await store.health(), store.provider, ['fail']);
  });

  fact('health can be asked inside a transaction', async ({ store }) => {
    const health = await store.transaction(async (inner) => inner.health());
    assertHealth(health, store.provider, ['pass', 'warn']);
  });
}
