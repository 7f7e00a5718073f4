import { describe, expect, it } from 'vitest';
import { createMemoryCacheStore, createMemoryDocumentStore, createMemoryWormStore } from '../memory/index.ts';
import type { CacheStore } from '../ports/cache-store.ts';
import type { DocumentStore } from '../ports/document-store.ts';
import type { WormStore } from '../ports/worm-store.ts';
import { createManualClock } from '../testing/manual-clock.ts';
import { testCacheStore, testDocumentStore, testWormStore } from './index.ts';
import type { SuiteRunner } from './suite-runner.ts';

/** Runs the facts of a suite that have these names, and returns the names of those that fail. */
async function listFailures(names: readonly string[], declare: (runner: SuiteRunner) => void): Promise<string[]> {
  const tests: { name: string; run: () => Promise<void> }[] = [];
  declare({
    describe: (_name, define) => define(),
    it: (name, run) => {
      tests.push({ name, run });
    },
  });
  const failed: string[] = [];
  for (const { name, run } of tests.filter((test) => names.includes(test.name))) {
    await run().catch(() => failed.push(name));
  }
  return failed;
}

async function checkCache(names: readonly string[], change: (store: CacheStore) => Partial<CacheStore>) {
  return listFailures(names, (runner) =>
    testCacheStore(runner, {
      name: 'wrong',
      open: async () => {
        const clock = createManualClock();
        const store = createMemoryCacheStore({ clock });
        return { store: { ...store, ...change(store) }, advance: async (ms) => clock.advance(ms) };
      },
    }),
  );
}

async function checkDocuments(
  names: readonly string[],
  change: <D extends object>(store: DocumentStore<D>) => Partial<DocumentStore<D>>,
) {
  return listFailures(names, (runner) =>
    testDocumentStore(runner, {
      name: 'wrong',
      isDurable: false,
      open: async (definition) => {
        const store = createMemoryDocumentStore({ definition });
        return { store: { ...store, ...change(store) } };
      },
    }),
  );
}

async function checkWorm(names: readonly string[], change: <D>(store: WormStore<D>) => object) {
  return listFailures(names, (runner) =>
    testWormStore(runner, {
      name: 'wrong',
      isDurable: false,
      enforcement: 'process',
      open: async (definition) => {
        const store = createMemoryWormStore({ definition });
        return { store: { ...store, ...change(store) }, damage: async () => undefined };
      },
    }),
  );
}

describe('the suites find what is wrong with a provider', () => {
  it('a cache that lets every write lengthen the life of a counter', async () => {
    const names = ['only the call that creates a counter sets its time to live'];
    const failed = await checkCache(names, (store) => ({
      increment: async (key, options) => {
        const sum = await store.increment(key, options);
        await store.set(key, sum, options);
        return sum;
      },
    }));
    expect(failed).toEqual(names);
  });

  it('a cache whose factories do not wait for each other', async () => {
    const names = [
      'concurrent calls for one key share one call of the factory',
      'the error of a factory reaches every waiting caller as it is, and nothing is written',
    ];
    const failed = await checkCache(names, (store) => ({
      getOrSet: async (key, factory, options) => {
        const found = await store.get<Awaited<ReturnType<typeof factory>>>(key, options);
        if (found !== undefined) {
          return found;
        }
        const made = await factory();
        await store.set(key, made, options);
        return made;
      },
    }));
    expect(failed).toEqual(names);
  });

  it('a document store that writes batches one by one', async () => {
    const names = [
      'a batch with a key that is taken leaves nothing',
      'a batch with a unique value twice leaves nothing',
      'a read never sees part of a batch',
    ];
    const failed = await checkDocuments(names, (store) => ({
      insertMany: async (documents, options) => {
        const stored = [];
        for (const document of documents) {
          stored.push(await store.insert(document, options));
        }
        return stored;
      },
    }));
    expect(failed).toEqual(names);
  });

  it('a document store that ignores the version it is handed', async () => {
    const names = ['delete with a version deletes that version only', 'refuses a version: 0'];
    const failed = await checkDocuments(names, (store) => ({ delete: async (id) => store.delete(id) }));
    expect(failed).toEqual(names);
  });

  it('a write-once store that cannot find damage and can be updated', async () => {
    const names = ['damaged and missing records are told apart, ascending', 'has no way to change or remove a record'];
    const failed = await checkWorm(names, (store) => ({
      verifyIntegrity: async (stream: string) => ({ checked: await store.count(stream), damaged: [], missing: [] }),
      update: async () => undefined,
    }));
    expect(failed).toEqual(names);
  });

  it('none with a provider that is right', async () => {
    const names = ['has no way to change or remove a record', 'records of different streams never mix'];
    expect(await checkWorm(names, () => ({}))).toEqual([]);
  });
});
