import { describe, it } from 'vitest';
import { testWormStore } from '../conformance/index.ts';
import { createMemoryWormStore, type MemoryWormRecords } from './memory-worm-store.ts';

testWormStore(
  { describe, it },
  {
    name: 'memory',
    enforcement: 'process',
    isDurable: false,
    open: async (definition) => {
      const records: MemoryWormRecords = new Map();
      return {
        store: createMemoryWormStore({ definition, records }),
        damage: async (stream, sequence, bytes) => {
          const record = records.get(stream)?.get(sequence);
          if (record !== undefined && bytes !== undefined) {
            records.get(stream)?.set(sequence, { ...record, bytes });
          } else {
            records.get(stream)?.delete(sequence);
          }
        },
      };
    },
  },
);
