import { stat, truncate } from 'node:fs/promises';
import { join } from 'node:path';
import { defineWorm } from '@sorcha/storage';
import { createTemporaryFolder } from '@sorcha/storage/testing';
import { expect, onTestFinished, test } from 'vitest';
import { z } from 'zod';
import { openSqliteWormStore } from './open-sqlite-worm-store.ts';

const PAGE_BYTES = 4_096;

test('a file that was cut within its last page costs the record that lies there, and no other', async () => {
  const file = join(await createTemporaryFolder(onTestFinished), 'cut.sqlite');
  const definition = defineWorm({ name: 'note', schema: z.string() });
  const filled = await openSqliteWormStore({ file, definition });
  await filled.appendBatch('a', 0, ['short', 'x'.repeat(5 * PAGE_BYTES)]);
  await filled.close();
  await truncate(file, (await stat(file)).size - PAGE_BYTES + 1);
  const store = await openSqliteWormStore({ file, definition, readOnly: true });
  onTestFinished(async () => store.close());
  await expect(store.get('a', 1)).rejects.toMatchObject({ code: 'CORRUPTED' });
  expect(await store.get('a', 0)).toMatchObject({ sequence: 0 });
});
