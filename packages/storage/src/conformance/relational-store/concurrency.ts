import assert from 'node:assert/strict';
import type { RelationalStore } from '../../ports/relational-store.ts';
import { StorageError } from '../../storage-error.ts';
import { assertOneWins } from '../assert-code.ts';
import { account, createPart, listIds, part, type RelationalFact } from './entities.ts';

const CALLS = 20;
const numbers = Array.from({ length: CALLS }, (_, index) => index);

/** Calls that run at once: each is atomic, and transactions are serializable. */
export function describeRelationalConcurrency(fact: RelationalFact): void {
  fact('of concurrent additions of one key one wins', async ({ store }) => {
    const parts = store.repository(part);
    const outcomes = await Promise.allSettled(numbers.map(async (size) => parts.add(createPart('a', { size }))));
    assert.deepEqual(await parts.find({}), [assertOneWins('ALREADY_EXISTS', outcomes)]);
  });

  fact('of concurrent additions of one unique value one wins', async ({ store }) => {
    const parts = store.repository(part);
    const outcomes = await Promise.allSettled(
      numbers.map(async (size) => parts.add(createPart(`id-${size}`, { code: 'x' }))),
    );
    assert.deepEqual(await parts.find({}), [assertOneWins('ALREADY_EXISTS', outcomes)]);
  });

  fact('of concurrent updates of one version one wins', async ({ store }) => {
    const parts = store.repository(part);
    const stored = await parts.add(createPart('a'));
    const outcomes = await Promise.allSettled(numbers.map(async (size) => parts.update({ ...stored, size })));
    assert.deepEqual(await parts.find({}), [assertOneWins('VERSION_CONFLICT', outcomes)]);
  });

  fact('of concurrent deletions one finds the entity', async ({ store }) => {
    const parts = store.repository(part);
    await parts.add(createPart('a'));
    const found = await Promise.all(numbers.map(async () => parts.delete('a')));
    assert.equal(found.filter(Boolean).length, 1);
  });

  fact('of concurrent batches that overlap one wins whole', async ({ store }) => {
    const parts = store.repository(part);
    const batches = numbers.map((size) => [
      createPart(`first-${size}`),
      createPart('same'),
      createPart(`last-${size}`),
    ]);
    const outcomes = await Promise.allSettled(batches.map(async (batch) => parts.addMany(batch)));
    const won = assertOneWins('ALREADY_EXISTS', outcomes);
    assert.deepEqual(await listIds(store), won.map(({ id }) => id).sort());
  });

  fact('who tries again after a conflict loses nothing', async ({ store }) => {
    const accounts = store.repository(account);
    await accounts.add({ id: 1, sum: 0 });
    const add = async () => {
      const read = await accounts.get(1);
      assert.ok(read !== undefined);
      await accounts.update({ ...read, sum: read.sum + 1 });
    };
    await Promise.all(numbers.map(async () => untilNoConflict(add)));
    assert.deepEqual(await accounts.get(1), { id: 1, sum: CALLS, version: CALLS + 1 });
  });

  fact('concurrent transactions that read and write one entity lose nothing', async ({ store }) => {
    await store.repository(account).add({ id: 1, sum: 0 });
    const add = async (inner: RelationalStore) => {
      const read = await inner.repository(account).get(1);
      assert.ok(read !== undefined);
      await inner.repository(account).update({ ...read, sum: read.sum + 1 });
    };
    await Promise.all(numbers.map(async () => untilNoConflict(async () => store.transaction(add))));
    assert.deepEqual(await store.repository(account).get(1), { id: 1, sum: CALLS, version: CALLS + 1 });
  });

  fact('concurrent transactions move sums without making or losing any', async ({ store }) => {
    const accounts = store.repository(account);
    await accounts.addMany([0, 1, 2].map((id) => ({ id, sum: 100 })));
    const move = async (inner: RelationalStore, from: number, to: number) => {
      const [source, target] = [await inner.repository(account).get(from), await inner.repository(account).get(to)];
      assert.ok(source !== undefined && target !== undefined);
      await inner.repository(account).update({ ...source, sum: source.sum - 1 });
      await inner.repository(account).update({ ...target, sum: target.sum + 1 });
    };
    await Promise.all(
      numbers.map(async (index) =>
        untilNoConflict(async () => store.transaction(async (inner) => move(inner, index % 3, (index + 1) % 3))),
      ),
    );
    const sums = (await accounts.find({})).map(({ sum }) => sum);
    assert.equal(
      sums.reduce((all, sum) => all + sum, 0),
      300,
    );
  });

  fact('two transactions that read what the other writes do not both succeed on the old state', async ({ store }) => {
    const accounts = store.repository(account);
    await accounts.addMany([1, 2].map((id) => ({ id, sum: 1 })));
    const leave = async (id: number) =>
      store.transaction(async (inner) => {
        const onDuty = await inner.repository(account).count({ sum: 1 });
        const own = await inner.repository(account).get(id);
        if (own !== undefined && onDuty > 1) {
          await inner.repository(account).update({ ...own, sum: 0 });
        }
      });
    const outcomes = await Promise.allSettled([leave(1), leave(2)]);
    for (const outcome of outcomes) {
      if (outcome.status === 'rejected') {
        assert.ok(isVersionConflict(outcome.reason), String(outcome.reason));
      }
    }
    assert.equal(await accounts.count({ sum: 1 }), 1);
  });
}

async function untilNoConflict(work: () => Promise<void>): Promise<void> {
  for (let attempt = 0; attempt < 1_000; attempt += 1) {
    try {
      await work();
      return;
    } catch (error) {
      if (!isVersionConflict(error)) {
        throw error;
      }
    }
  }
  assert.fail('A thousand attempts met a conflict.');
}

function isVersionConflict(error: unknown): boolean {
  return error instanceof StorageError && error.code === 'VERSION_CONFLICT';
}
