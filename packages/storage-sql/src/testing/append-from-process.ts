/**
 * A program for tests: appends `count` documents `<writer> <n>` to the stream `shared` of a file, at the height it reads, again
 * after each conflict, and prints how many conflicts there were.
 *
 * Arguments: file, writer, count.
 */
import { defineWorm, StorageError } from '@sorcha/storage';
import { z } from 'zod';
import { openSqliteWormStore } from '../sqlite/worm/open-sqlite-worm-store.ts';

const [file = '', writer = '', count = '0'] = process.argv.slice(2);
const store = await openSqliteWormStore({ file, definition: defineWorm({ name: 'note', schema: z.string() }) });
let conflicts = 0;
for (let written = 0; written < Number(count); ) {
  try {
    const height = await store.height('shared');
    await store.append('shared', height === undefined ? 0 : height + 1, `${writer} ${written}`);
    written += 1;
  } catch (error) {
    if (!(error instanceof StorageError && error.code === 'SEQUENCE_CONFLICT')) {
      throw error;
    }
    conflicts += 1;
  }
}
await store.close();
process.stdout.write(String(conflicts));
