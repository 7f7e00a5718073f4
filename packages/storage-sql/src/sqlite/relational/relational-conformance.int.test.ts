import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { testRelationalStore } from '@sorcha/storage/conformance';
import { createTemporaryFolder } from '@sorcha/storage/testing';
import { describe, it } from 'vitest';
import { openSqliteRelationalStore } from './open-sqlite-relational-store.ts';

testRelationalStore(
  { describe, it },
  {
    name: 'sqlite',
    isDurable: true,
    open: async (entities) => {
      const folder = await createTemporaryFolder(() => undefined);
      const open = async () => openSqliteRelationalStore({ file: join(folder, 'warm.sqlite'), entities });
      let store = await open();
      return {
        store,
        reopen: async () => {
          await store.close();
          store = await open();
          return store;
        },
        dispose: async () => rm(folder, { recursive: true }),
      };
    },
  },
);
