import { testRelationalStore } from '@sorcha/storage/conformance';
import { startPostgres } from '@sorcha/test-servers';
import { afterAll, describe, it } from 'vitest';
import { openPostgresRelationalStore } from './open-postgres-relational-store.ts';

const server = await startPostgres({ onEnd: afterAll });
const url = await server.createDatabase();
let schemas = 0;

testRelationalStore(
  { describe, it },
  {
    name: 'postgres',
    isDurable: true,
    open: async (entities) => {
      schemas += 1;
      const options = { url, schema: `store_${schemas}`, entities };
      let store = await openPostgresRelationalStore(options);
      return {
        store,
        reopen: async () => {
          await store.close();
          store = await openPostgresRelationalStore(options);
          return store;
        },
      };
    },
  },
);
