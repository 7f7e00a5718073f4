import { describe, it } from 'vitest';
import { testDocumentStore } from '../conformance/index.ts';
import { createMemoryDocumentStore } from './memory-document-store.ts';

testDocumentStore(
  { describe, it },
  {
    name: 'memory',
    isDurable: false,
    open: async (definition) => ({ store: createMemoryDocumentStore({ definition }) }),
  },
);
