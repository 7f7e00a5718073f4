import { testDocumentStore } from '@sorcha/storage/conformance';
import { startPostgres } from '@sorcha/test-servers';
import { afterAll, describe, it } from 'vitest';
import { openPostgresDocumentStore } from './open-postgres-document-store.ts';

const server = await startPostgres({ onEnd: afterAll });
const url = await server.createDatabase();
let schemas = 0;

testDocumentStore(
  { describe, it },
  {
    name: 'postgres',
    isDurable: true,
    open: async (definition) => {
      schemas += 1;
      const options = { url, schema: `store_${schemas}`, definition };
      let store = await openPostgresDocumentStore(options);
      return {
        store,
        reopen: async () => {
          await store.close();
          store = await openPostgresDocumentStore(options);
          return store;
        },
      };
    },
  },
);
