import assert from 'node:assert/strict';
import type { RelationalStore } from '../../ports/relational-store.ts';
import { assertCode, assertThrowsCode } from '../assert-code.ts';
import { account, createPart, listIds, part, type RelationalFact, scanAll } from './entities.ts';

const changeOfMind = new Error('changed my mind');

/** All or nothing, and apart from everyone else. */
export function describeTransactions(fact: RelationalFact): void {
  fact('all writes stay when the work succeeds, and its result is returned', async ({ store }) => {
    const result = await store.transaction(async (inner) => {
      await inner.repository(part).addMany([createPart('a'), createPart('b')]);
      await inner.repository(account).add({ id: 1, sum: 5 });
      return { done: true };
    });
    assert.deepEqual(result, { done: true });
    assert.deepEqual(await listIds(store), ['a', 'b']);
    assert.equal(await store.repository(account).exists(1), true);
  });

  fact('nothing stays when the work throws, and its own error comes out', async ({ store }) => {
    const parts = store.repository(part);
    const [a, b] = await parts.addMany([createPart('a', { code: 'x' }), createPart('b')]);
    assert.ok(a !== undefined && b !== undefined);
    const failing = store.transaction(async (inner) => {
      const bound = inner.repository(part);
      await bound.update({ ...a, code: 'y' });
      await bound.delete('b');
      await bound.addMany([createPart('c', { code: 'x' }), createPart('d')]);
      await inner.repository(account).add({ id: 1, sum: 1 });
      throw changeOfMind;
    });
    await assert.rejects(failing, changeOfMind);
    assert.deepEqual(await parts.find({}), [a, b]);
    assert.equal(await store.repository(account).count(), 0);
    await assertCode('ALREADY_EXISTS', async () => parts.add(createPart('c', { code: 'x' })));
    await parts.add(createPart('c', { code: 'y' }));
    assert.equal((await parts.update(a)).version, 2);
  });

  fact('the work sees its own writes in every read', async ({ store }) => {
    const parts = store.repository(part);
    const stored = await parts.add(createPart('a', { size: 1 }));
    await store.transaction(async (inner) => {
      const bound = inner.repository(part);
      await bound.update({ ...stored, size: 2 });
      await bound.add(createPart('b', { size: 2 }));
      assert.equal((await bound.get('a'))?.size, 2);
      assert.equal(await bound.exists('b'), true);
      assert.equal(await bound.count({ size: 2 }), 2);
      assert.equal((await bound.find({ size: 2 })).length, 2);
      assert.equal((await scanAll(bound, { size: 2 })).length, 2);
      assert.equal((await bound.page({ page: 1, pageSize: 1 })).total, 2);
      await bound.delete('b');
      assert.equal(await bound.get('b'), undefined);
    });
    assert.deepEqual(await listIds(store), ['a']);
  });

  fact('a refused call that the work catches takes nothing else back', async ({ store }) => {
    await store.repository(part).add(createPart('taken'));
    await store.transaction(async (inner) => {
      const bound = inner.repository(part);
      await bound.add(createPart('before'));
      await assertCode('ALREADY_EXISTS', async () => bound.add(createPart('taken')));
      await assertCode('ALREADY_EXISTS', async () => bound.addMany([createPart('x'), createPart('taken')]));
      await assertCode('NOT_FOUND', async () => bound.update({ ...createPart('none'), version: 1 }));
      await assertCode('INVALID', async () => bound.get(''));
      await bound.add(createPart('after'));
    });
    assert.deepEqual(await listIds(store), ['after', 'before', 'taken']);
  });

  fact('nothing of a running transaction is seen outside, and never part of it', async ({ store }) => {
    const hold = Promise.withResolvers<void>();
    const written = Promise.withResolvers<void>();
    const running = store.transaction(async (inner) => {
      await inner.repository(part).add(createPart('a'));
      written.resolve();
      await hold.promise;
      await inner.repository(part).add(createPart('b'));
    });
    await written.promise;
    // A store may answer these at once or after the transaction; it may not answer with half of it.
    const outside = [listIds(store), listIds(store)];
    const counted = store.repository(part).count();
    hold.resolve();
    await running;
    for (const ids of await Promise.all(outside)) {
      assert.ok(ids.length === 0 || ids.length === 2, `Half a transaction was seen: ${ids.join()}`);
    }
    assert.notEqual(await counted, 1);
    assert.deepEqual(await listIds(store), ['a', 'b']);
  });

  fact('what a transaction takes back was never seen outside', async ({ store }) => {
    const hold = Promise.withResolvers<void>();
    const written = Promise.withResolvers<void>();
    const failing = store.transaction(async (inner) => {
      await inner.repository(part).add(createPart('a', { code: 'x' }));
      written.resolve();
      await hold.promise;
      throw changeOfMind;
    });
    const rejected = assert.rejects(failing, changeOfMind);
    await written.promise;
    const seen = listIds(store);
    hold.resolve();
    await rejected;
    assert.deepEqual(await seen, []);
    await store.repository(part).add(createPart('b', { code: 'x' }));
  });

  fact('calls inside that run at once all count', async ({ store }) => {
    const ids = Array.from({ length: 20 }, (_, index) => `id-${String(index).padStart(2, '0')}`);
    await store.transaction(async (inner) => {
      await Promise.all(ids.map(async (id) => inner.repository(part).add(createPart(id))));
    });
    assert.deepEqual(await listIds(store), ids);
  });

  fact('a store and its repositories fail with CLOSED once their transaction has ended', async ({ store }) => {
    const kept: RelationalStore[] = [];
    await store.transaction(async (inner) => {
      kept.push(inner);
    });
    await assert.rejects(
      store.transaction(async (inner) => {
        kept.push(inner);
        throw changeOfMind;
      }),
      changeOfMind,
    );
    assert.equal(kept.length, 2);
    for (const ended of kept) {
      const parts = ended.repository(part);
      await assertCode('CLOSED', async () => parts.add(createPart('late')));
      await assertCode('CLOSED', async () => parts.get('a'));
      await assertCode('CLOSED', async () => scanAll(parts, {}));
      await assertCode('CLOSED', async () => ended.transaction(async () => 1));
    }
    assert.deepEqual(await listIds(store), []);
  });

  fact('a repository taken in the work fails with CLOSED afterwards and writes nothing', async ({ store }) => {
    const parts = await store.transaction(async (inner) => inner.repository(part));
    await assertCode('CLOSED', async () => parts.add(createPart('late')));
    await assertCode('CLOSED', async () => parts.count());
    assert.deepEqual(await listIds(store), []);
  });

  fact('there are no tenants inside a transaction', async ({ store }) => {
    await store.transaction(async (inner) => {
      assertThrowsCode('UNSUPPORTED', () => inner.tenant('one'));
    });
  });

  fact('a signal that has fired keeps the work from starting', async ({ store }) => {
    const work = async (): Promise<never> => assert.fail('the work must not start');
    await assertCode('TIMEOUT', async () => store.transaction(work, { signal: AbortSignal.abort() }));
  });

  fact('a signal that fires ends the wait with TIMEOUT, and nothing of the work stays', async ({ store }) => {
    const abort = new AbortController();
    const hung = store.transaction(
      async (inner) => {
        await inner.repository(part).add(createPart('a'));
        abort.abort();
        await new Promise(() => undefined);
      },
      { signal: abort.signal },
    );
    await assertCode('TIMEOUT', async () => hung);
    assert.deepEqual(await listIds(store), []);
    await store.transaction(async (inner) => inner.repository(part).add(createPart('b')));
    assert.deepEqual(await listIds(store), ['b']);
  });
}
