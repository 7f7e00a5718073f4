import { wholeNumberSetting } from '../config/settings.ts';
import { defineCacheProvider } from './define-cache-provider.ts';
import { defineProvider, type Inspected } from './provider.ts';

const load = async () => import('@sorcha/storage/memory');

const inspect = async (): Promise<readonly Inspected[]> => [
  { status: 'warn', detail: 'the data ends with the process', fix: 'use "sqlite" for data that must last' },
];

/** Data that ends with the process: for development and tests. */
export const memoryProviders = [
  defineCacheProvider({
    name: 'memory',
    settings: { maxEntries: wholeNumberSetting(1, 10_000_000).default(10_000) },
    open: async ({ maxEntries }, { ttlMs }) => (await load()).createMemoryCacheStore({ maxEntries, ttlMs }),
  }),
  defineProvider({
    port: 'relational',
    name: 'memory',
    settings: {},
    inspect,
    open: () => async (entities) => (await load()).createMemoryRelationalStore({ entities }),
  }),
  defineProvider({
    port: 'documents',
    name: 'memory',
    settings: {},
    inspect,
    open: () => async (definition) => (await load()).createMemoryDocumentStore({ definition }),
  }),
  defineProvider({
    port: 'worm',
    name: 'memory',
    settings: {},
    inspect,
    open: () => async (definition) => (await load()).createMemoryWormStore({ definition }),
  }),
];
