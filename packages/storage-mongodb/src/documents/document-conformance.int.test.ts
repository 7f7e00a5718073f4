import { testDocumentStore } from '@sorcha/storage/conformance';
import { startMongo } from '@sorcha/test-servers';
import { afterAll, beforeAll, describe, it } from 'vitest';
import { openMongoDocumentStore } from './open-mongo-document-store.ts';

const ends: (() => Promise<void>)[] = [];
let server: Awaited<ReturnType<typeof startMongo>>;

beforeAll(async () => {
  server = await startMongo({ onEnd: (end) => ends.push(end) });
});
afterAll(async () => {
  for (const end of ends) {
    await end();
  }
});

testDocumentStore(
  { describe, it },
  {
    name: 'mongodb',
    isDurable: true,
    open: async (definition) => {
      const url = await server.createDatabase();
      const open = async () => openMongoDocumentStore({ url, definition, pool: { max: 8 } });
      let store = await open();
      return {
        store,
        reopen: async () => {
          await store.close();
          store = await open();
          return store;
        },
      };
    },
  },
);
