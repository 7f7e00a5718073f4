import { execFile } from 'node:child_process';
import { utimesSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { defineWorm } from '@sorcha/storage';
import { createTemporaryFolder } from '@sorcha/storage/testing';
import { expect, onTestFinished, test } from 'vitest';
import { z } from 'zod';
import { openReadOnlyReader } from './open-reader.ts';
import { openSqliteWormStore } from './worm/open-sqlite-worm-store.ts';

const definition = defineWorm({ name: 'note', schema: z.string() });
const program = fileURLToPath(new URL('../testing/append-from-process.ts', import.meta.url));

/** Runs statements on a connection of their own, which is closed afterwards: the log is merged into the file. */
function change(file: string, statements: string): void {
  const connection = new DatabaseSync(file);
  connection.exec(statements);
  connection.close();
}

/** A reader of the number in a file that others change with `set`. */
async function openCounter() {
  const file = join(await createTemporaryFolder(onTestFinished), 'counter.sqlite');
  change(file, 'pragma journal_mode = wal; create table counter (n integer); insert into counter values (0)');
  const reader = openReadOnlyReader(file, (connection) => connection.prepare('select n from counter'));
  onTestFinished(() => reader.close());
  return {
    file,
    reader,
    read: async () => reader.use(async (statement) => statement.get()?.['n']),
    set: (n: number) => change(file, `pragma synchronous = off; update counter set n = ${n}`),
  };
}

test('a read-only store sees what another process wrote and closed', async () => {
  const file = join(await createTemporaryFolder(onTestFinished), 'worm.sqlite');
  const append = async (count: number) =>
    promisify(execFile)(process.execPath, ['--conditions=sorcha-source', program, file, 'a', String(count)]);
  await append(1);
  const reader = await openSqliteWormStore({ file, definition, readOnly: true });
  onTestFinished(async () => reader.close());
  for (const height of [0, 2, 4]) {
    expect(await reader.height('shared')).toBe(height);
    expect(await reader.verifyIntegrity('shared')).toEqual({ checked: height + 1, damaged: [], missing: [] });
    await append(2);
  }
});

test('a reader sees each of many changes that follow each other closely and leave size and change counter as they are', async () => {
  const { read, set } = await openCounter();
  for (let n = 1; n <= 20; n += 1) {
    set(n);
    // What is kept of the file from now on may be of the same tick of the clock as the next change.
    const first = read();
    set(-n);
    expect([n, -n]).toContain(await first);
    expect(await read()).toBe(-n);
  }
});

test('a change during a read makes it begin anew', async () => {
  const { reader, set } = await openCounter();
  let reads = 0;
  const found = await reader.use(async (statement) => {
    reads += 1;
    const before = statement.get()?.['n'];
    if (reads === 1) {
      set(7);
    }
    return before;
  });
  expect([found, reads]).toEqual([7, 2]);
});

test('a read during which the file changes every time ends with UNAVAILABLE, and the next one works', async () => {
  const { file, reader, read } = await openCounter();
  const reading = reader.use(async (statement) => {
    utimesSync(file, 0, Math.random() * 1e9);
    return statement.get();
  });
  await expect(reading).rejects.toMatchObject({ code: 'UNAVAILABLE' });
  expect(await read()).toBe(0);
});
