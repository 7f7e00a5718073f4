import assert from 'node:assert/strict';
import { StorageError } from '../../storage-error.ts';
import { assertOneWins } from '../assert-code.ts';
import { idsOf, type SpecimenFact } from './specimen.ts';

const CALLS = 20;
const numbers = Array.from({ length: CALLS }, (_, index) => index);

/** Calls that run at once: each is atomic. */
export function describeDocumentConcurrency(fact: SpecimenFact): void {
  fact('of concurrent inserts of one key one wins', async ({ store }) => {
    const outcomes = await Promise.allSettled(numbers.map(async (own) => store.insert({ id: 'a', own })));
    assert.deepEqual(await store.find({}), [assertOneWins('ALREADY_EXISTS', outcomes)]);
  });

  fact('of concurrent inserts of one unique value one wins', async ({ store }) => {
    const outcomes = await Promise.allSettled(numbers.map(async (own) => store.insert({ id: `id-${own}`, code: 'x' })));
    assert.deepEqual(await store.find({}), [assertOneWins('ALREADY_EXISTS', outcomes)]);
  });

  fact('of concurrent replacements of one version one wins', async ({ store }) => {
    const stored = await store.insert({ id: 'a' });
    const outcomes = await Promise.allSettled(numbers.map(async (own) => store.replace({ ...stored, own })));
    assert.deepEqual(await store.find({}), [assertOneWins('VERSION_CONFLICT', outcomes)]);
    assert.equal((await store.get('a'))?.version, 2);
  });

  fact('of concurrent deletions one finds the document', async ({ store }) => {
    await store.insert({ id: 'a' });
    const found = await Promise.all(numbers.map(async () => store.delete('a')));
    assert.equal(found.filter(Boolean).length, 1);
  });

  fact('concurrent upserts all count as versions', async ({ store }) => {
    const stored = await Promise.all(numbers.map(async (own) => store.upsert({ id: 'a', own })));
    assert.deepEqual(
      stored.map(({ version }) => version).sort((a, b) => a - b),
      numbers.map((index) => index + 1),
    );
    const last = stored.find(({ version }) => version === CALLS);
    assert.deepEqual(await store.get('a'), last);
  });

  fact('who tries again after a conflict loses nothing', async ({ store }) => {
    await store.insert({ id: 'a', sum: 0 });
    const add = async (): Promise<void> => {
      const read = await store.get('a');
      assert.ok(read !== undefined);
      try {
        await store.replace({ ...read, sum: Number(read['sum']) + 1 });
      } catch (error) {
        assert.ok(error instanceof StorageError && error.code === 'VERSION_CONFLICT', String(error));
        await add();
      }
    };
    await Promise.all(numbers.map(add));
    assert.deepEqual(await store.get('a'), { id: 'a', sum: CALLS, version: CALLS + 1 });
  });

  fact('of concurrent batches that overlap one wins whole', async ({ store }) => {
    const batches = numbers.map((own) => [{ id: `first-${own}` }, { id: 'same', own }, { id: `last-${own}` }]);
    const outcomes = await Promise.allSettled(batches.map(async (batch) => store.insertMany(batch)));
    const won = assertOneWins('ALREADY_EXISTS', outcomes);
    assert.deepEqual(idsOf(await store.find({})), idsOf(won).sort());
  });

  fact('a read never sees part of a batch', async ({ store }) => {
    const documents = numbers.map((index) => ({ id: `id-${index}` }));
    const counts = await Promise.all([
      store.count(),
      store.insertMany(documents).then(async () => store.count()),
      ...numbers.map(async () => store.count()),
    ]);
    assert.deepEqual(
      counts.filter((count) => count !== 0 && count !== CALLS),
      [],
    );
    assert.equal(counts[1], CALLS);
  });
}
