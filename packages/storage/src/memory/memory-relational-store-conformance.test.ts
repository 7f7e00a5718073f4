import { describe, it } from 'vitest';
import { testRelationalStore } from '../conformance/index.ts';
import { createMemoryRelationalStore } from './memory-relational-store.ts';

testRelationalStore(
  { describe, it },
  {
    name: 'memory',
    isDurable: false,
    open: async (entities) => ({ store: createMemoryRelationalStore({ entities }) }),
  },
);
