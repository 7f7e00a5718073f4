import { join } from 'node:path';
import { testWormStore } from '@sorcha/storage/conformance';
import { createTemporaryFolder } from '@sorcha/storage/testing';
import { describe, it, onTestFinished } from 'vitest';
import { openSqliteRecordDamage } from '../../testing/open-sqlite-record-damage.ts';
import { openSqliteWormStore } from './open-sqlite-worm-store.ts';

testWormStore(
  { describe, it },
  {
    name: 'sqlite',
    enforcement: 'database',
    isDurable: true,
    open: async (definition) => {
      const file = join(await createTemporaryFolder(onTestFinished), 'worm.sqlite');
      const store = await openSqliteWormStore({ file, definition });
      return {
        store,
        reopen: async () => {
          await store.close();
          return openSqliteWormStore({ file, definition });
        },
        damage: async (stream, sequence, bytes) => {
          const damage = await openSqliteRecordDamage({ file, name: definition.name });
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
