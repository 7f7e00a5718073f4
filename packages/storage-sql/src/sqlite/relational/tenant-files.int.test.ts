import { readdir } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { defineEntity } from '@sorcha/storage';
import { createTemporaryFolder } from '@sorcha/storage/testing';
import { expect, onTestFinished, test } from 'vitest';
import { z } from 'zod';
import { runWithoutWriteAccess } from '../../testing/run-without-write-access.ts';
import { openDatabase } from '../open-database.ts';
import type { CellTables } from '../rows/session.ts';
import { prepareTables } from '../schema/prepare-tables.ts';
import { describeEntityTable } from './entity-table.ts';
import { openSqliteRelationalStore, type SqliteRelationalOptions } from './open-sqlite-relational-store.ts';
import { createTenantFiles } from './tenant-files.ts';

const user = defineEntity({ name: 'user', schema: z.object({ id: z.string() }), key: 'id' });

async function createFolder() {
  const folder = await createTemporaryFolder(onTestFinished);
  const file = join(folder, 'warm.sqlite');
  const open = async (options: Partial<SqliteRelationalOptions> = {}) => {
    const store = await openSqliteRelationalStore({ file, entities: [user], ...options });
    onTestFinished(async () => store.close());
    return store;
  };
  return { folder, tenants: `${file}-tenants`, open };
}

/** The databases of a folder, without the files that SQLite keeps beside open ones. */
const listDatabases = async (folder: string) =>
  (await readdir(folder)).filter((name) => name.endsWith('.sqlite')).sort();

test('reading a tenant that was never written creates nothing; its first write creates its own file', async () => {
  const { folder, tenants, open } = await createFolder();
  const store = await open();
  const users = store.tenant('one').repository(user);
  expect(await users.find({})).toEqual([]);
  expect(await store.tenant('one').health()).toMatchObject({ status: 'pass' });
  await expect(users.add({ id: '' })).rejects.toMatchObject({ code: 'INVALID' });
  expect((await readdir(folder)).filter((name) => name.includes('tenants'))).toEqual([]);
  await users.add({ id: 'a' });
  await store.tenant('two').transaction(async (bound) => bound.repository(user).add({ id: 'b' }));
  expect(await listDatabases(tenants)).toEqual(['one.sqlite', 'two.sqlite']);
  const raw = new DatabaseSync(join(tenants, 'one.sqlite'), { readOnly: true });
  expect(raw.prepare('select id from entity_user').all()).toEqual([{ id: 'a' }]);
  raw.close();
});

test('closing one handle of a tenant waits for its calls and leaves the rows to other handles', async () => {
  const { open } = await createFolder();
  const store = await open();
  const first = store.tenant('one');
  const pending = first.repository(user).add({ id: 'a' });
  await first.close();
  expect(await Promise.race([pending, Promise.resolve('late')])).toEqual({ id: 'a', version: 1 });
  await expect(first.repository(user).count()).rejects.toMatchObject({ code: 'CLOSED' });
  expect(await store.tenant('one').repository(user).count()).toBe(1);
});

test('what was called on tenants before the store closes is finished, and all files are merged and released', async () => {
  const { tenants, open } = await createFolder();
  const store = await open({ maxOpenTenants: 2 });
  const ids = Array.from({ length: 12 }, (_, index) => `t${index}`);
  const pending = Promise.all(ids.map(async (id) => store.tenant(id).repository(user).add({ id })));
  await store.close();
  await pending;
  expect((await readdir(tenants)).sort()).toEqual(ids.map((id) => `${id}.sqlite`).sort());
  const again = await open();
  expect(await Promise.all(ids.map(async (id) => again.tenant(id).repository(user).count()))).toEqual(ids.map(() => 1));
});

test('no more files than the bound stay open, the one used longest ago goes, and those in use stay', async () => {
  const folder = await createTemporaryFolder(onTestFinished);
  const opened: string[] = [];
  const files = createTenantFiles({
    folder,
    isReadOnly: false,
    maxOpen: 2,
    open: async (file) => {
      opened.push(basename(file, '.sqlite'));
      const database = await openDatabase<CellTables>({ file });
      await prepareTables(database, [describeEntityTable(user)]);
      return database;
    },
  });
  onTestFinished(async () => files.close());
  const touch = async (id: string) => files.use(id, 'write', async (database) => database?.read(async () => id));
  await files.use('a', 'write', async (database) => {
    await touch('b');
    await touch('c');
    await touch('d');
    expect(files.openCount()).toBe(2);
    // Had it been closed, this would fail with CLOSED.
    expect(await database?.read(async () => 'a')).toBe('a');
  });
  await touch('d');
  await touch('a');
  expect(opened).toEqual(['a', 'b', 'c', 'd']);
  await Promise.all(['e', 'f', 'g', 'h'].map(touch));
  expect(files.openCount()).toBe(2);
  await touch('a');
  expect(opened.slice(4, 8).sort()).toEqual(['e', 'f', 'g', 'h']);
  expect(opened.slice(8)).toEqual(['a']);
});

test('a file that cannot be opened is tried again by the next call', async () => {
  const { tenants, open } = await createFolder();
  const store = await open();
  await store.tenant('one').repository(user).add({ id: 'a' });
  const foreign = new DatabaseSync(join(tenants, 'two.sqlite'));
  foreign.exec('create table t (a)');
  const users = store.tenant('two').repository(user);
  await expect(users.count()).rejects.toMatchObject({ code: 'INCOMPATIBLE_SERVER' });
  expect(await store.tenant('two').health()).toMatchObject({ status: 'fail' });
  foreign.exec('drop table t; pragma application_id = 0x536f7263; pragma user_version = 1');
  foreign.close();
  await users.add({ id: 'b' });
  expect(await users.count()).toBe(1);
});

test('read-only: tenants are read, absent ones are empty, nothing is written anywhere', async () => {
  const { folder, tenants, open } = await createFolder();
  const writer = await open();
  await writer.repository(user).add({ id: 'main' });
  await writer.tenant('one').repository(user).add({ id: 'a' });
  await writer.close();
  await runWithoutWriteAccess(folder, async () => {
    const store = await open({ readOnly: true });
    expect(await store.tenant('one').repository(user).find({})).toEqual([{ id: 'a', version: 1 }]);
    expect(await store.tenant('two').repository(user).find({})).toEqual([]);
    expect(await store.health()).toMatchObject({ status: 'warn' });
    for (const space of [store, store.tenant('one'), store.tenant('two')]) {
      await expect(space.repository(user).add({ id: 'x' })).rejects.toMatchObject({ code: 'UNAVAILABLE' });
      await expect(space.transaction(async () => 1)).rejects.toMatchObject({ code: 'UNAVAILABLE' });
    }
    await store.close();
    await expect(open()).rejects.toMatchObject({ code: 'UNAVAILABLE' });
  });
  expect(await readdir(folder)).toEqual(['warm.sqlite', basename(tenants)]);
  expect(await readdir(tenants)).toEqual(['one.sqlite']);
});

test('a bound below one and entities of one name are INVALID', async () => {
  const { open } = await createFolder();
  await expect(open({ maxOpenTenants: 0 })).rejects.toMatchObject({ code: 'INVALID' });
  await expect(open({ entities: [user, { ...user }] })).rejects.toMatchObject({ code: 'INVALID' });
});
