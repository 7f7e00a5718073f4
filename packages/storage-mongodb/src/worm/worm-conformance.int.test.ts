import { testWormStore } from '@sorcha/storage/conformance';
import { startMongo } from '@sorcha/test-servers';
import { afterAll, beforeAll, describe, it } from 'vitest';
import { createMongoUser } from '../testing/create-mongo-user.ts';
import { openMongoRecordDamage } from '../testing/open-mongo-record-damage.ts';
import { openMongoWormStore } from './open-mongo-worm-store.ts';
import { wormRoleDefinition } from './worm-role-definition.ts';

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

testWormStore(
  { describe, it },
  {
    name: 'mongodb',
    enforcement: 'database',
    isDurable: true,
    open: async (definition) => {
      const adminUrl = await server.createDatabase();
      await (await openMongoWormStore({ url: adminUrl, definition })).close();
      const database = new URL(adminUrl).pathname.slice(1);
      const user = await createMongoUser(adminUrl, [wormRoleDefinition({ database, name: definition.name })]);
      const open = async () => openMongoWormStore({ ...user, definition });
      let store = await open();
      return {
        store,
        reopen: async () => {
          await store.close();
          store = await open();
          return store;
        },
        damage: async (stream, sequence, bytes) => {
          const damage = await openMongoRecordDamage({ url: adminUrl, name: definition.name });
          try {
            await (bytes === undefined ? damage.remove(stream, sequence) : damage.replace(stream, sequence, bytes));
          } finally {
            await damage.close();
          }
        },
      };
    },
  },
);
