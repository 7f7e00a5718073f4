import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { testDocumentStore } from '@sorcha/storage/conformance';
import { createTemporaryFolder } from '@sorcha/storage/testing';
import { describe, it } from 'vitest';
import { openSqliteDocumentStore } from './open-sqlite-document-store.ts';

testDocumentStore(
  { describe, it },
  {
    name: 'sqlite',
    isDurable: true,
    open: async (definition) => {
      const folder = await createTemporaryFolder(() => undefined);
      const open = async () => openSqliteDocumentStore({ file: join(folder, 'warm.sqlite'), definition });
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
