import { testWormStore } from '@sorcha/storage/conformance';
import { startPostgres } from '@sorcha/test-servers';
import { afterAll, describe, it } from 'vitest';
import { createWormRoles } from '../../testing/create-worm-roles.ts';
import { openPostgresRecordDamage } from '../../testing/open-postgres-record-damage.ts';
import { createPostgresWormTable } from './create-postgres-worm-table.ts';
import { openPostgresWormStore } from './open-postgres-worm-store.ts';

const server = await startPostgres({ onEnd: afterAll });
const roles = await createWormRoles(await server.createDatabase());
let schemas = 0;

testWormStore(
  { describe, it },
  {
    name: 'postgres',
    enforcement: 'database',
    isDurable: true,
    open: async (definition) => {
      schemas += 1;
      const schema = `store_${schemas}`;
      const { owner, service, serviceRole } = roles;
      await createPostgresWormTable({ url: owner, schema, definition, serviceRole });
      const options = { url: service, schema, definition };
      let store = await openPostgresWormStore(options);
      return {
        store,
        reopen: async () => {
          await store.close();
          store = await openPostgresWormStore(options);
          return store;
        },
        damage: async (stream, sequence, bytes) => {
          const damage = await openPostgresRecordDamage({ url: owner, schema, name: definition.name });
          try {
            await (bytes === undefined
              ? damage.remove(stream, sequence)
              : damage.replace(stream, sequence, bytes, { keepSeal: true }));
          } finally {
            await damage.close();
          }
        },
      };
    },
  },
);
