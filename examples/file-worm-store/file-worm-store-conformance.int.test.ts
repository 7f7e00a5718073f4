import { chmod, unlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { WormRecord } from '@sorcha/storage';
import { testWormStore } from '@sorcha/storage/conformance';
import { createTemporaryFolder } from '@sorcha/storage/testing';
import { describe, it, onTestFinished } from 'vitest';
import { openFileWormStore } from './open-file-worm-store.ts';
import { listSegments, readSegment, toPath, toSegmentText } from './segment-files.ts';

/** Puts other bytes in the place of a record, or removes it, past the store. */
async function damageFile(folder: string, stream: string, sequence: number, bytes: Uint8Array | undefined) {
  const first = (await listSegments(folder)).findLast((each) => each <= sequence) ?? 0;
  const segment = await readSegment(folder, stream, first);
  const changed = (record: WormRecord) => (bytes === undefined ? null : { ...record, bytes });
  const damaged = segment.map((record) => (record?.sequence === sequence ? changed(record) : record));
  if (damaged.every((record) => record === null)) {
    await unlink(toPath(folder, first));
    return;
  }
  await chmod(toPath(folder, first), 0o644);
  await writeFile(toPath(folder, first), toSegmentText(damaged));
}

testWormStore(
  { describe, it },
  {
    name: 'files',
    enforcement: 'process',
    isDurable: true,
    open: async (definition) => {
      const options = { folder: await createTemporaryFolder(onTestFinished), definition };
      let store = await openFileWormStore(options);
      return {
        store,
        reopen: async () => {
          await store.close();
          store = await openFileWormStore(options);
          return store;
        },
        damage: async (stream, sequence, bytes) =>
          damageFile(join(options.folder, definition.name, stream), stream, sequence, bytes),
      };
    },
  },
);
