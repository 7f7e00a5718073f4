import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { inspect } from 'node:util';
import { defineDocument, defineEntity, defineWorm, StorageError } from '@sorcha/storage';
import { createMemoryCacheStore } from '@sorcha/storage/memory';
import { createTemporaryFolder } from '@sorcha/storage/testing';
import { describe, expect, it, onTestFinished } from 'vitest';
import { z } from 'zod';
import { loadConfig } from '../config/load-config.ts';
import { secretSetting, textSetting } from '../config/settings.ts';
import { defineProvider, type Provider } from '../providers/provider.ts';
import { PROVIDERS } from '../providers/provider-table.ts';
import { openStorage } from './open-storage.ts';
import { createStorageSchema } from './storage-schema.ts';

const user = defineEntity({ name: 'user', schema: z.object({ id: z.string(), email: z.string() }), key: 'id' });
const note = defineDocument({ name: 'note', schema: z.object({ id: z.string(), text: z.string() }), key: 'id' });
const entry = defineWorm({ name: 'entry', schema: z.object({ n: z.number() }) });

async function load(storage: object, providers: readonly Provider[] = PROVIDERS) {
  const file = join(await createTemporaryFolder(onTestFinished), 'sorcha.json');
  await writeFile(file, JSON.stringify(storage));
  return loadConfig(createStorageSchema(providers), { file, environment: {} });
}

/** A cache whose opening goes as the test says. */
function createCacheProvider(open: () => Promise<ReturnType<typeof createMemoryCacheStore>>) {
  return defineProvider({
    port: 'cache',
    name: 'odd',
    settings: { password: secretSetting().optional(), host: textSetting().optional() },
    blame: () => 'password',
    open: () => open,
  });
}

const sqliteIn = (folder: string) => ({
  warm: {
    relational: { provider: 'sqlite', file: join(folder, 'new', 'rows.sqlite') },
    documents: { provider: 'sqlite', file: join(folder, 'new', 'documents.sqlite') },
  },
  cold: { provider: 'sqlite', file: join(folder, 'cold.sqlite') },
});

describe('storage by configuration (FR-001, FR-002, SC-001)', () => {
  it('opens the stores that were declared, on the providers that were named, and keeps their data', async () => {
    const config = await load(sqliteIn(await createTemporaryFolder(onTestFinished)));
    for (const isSecondStart of [false, true]) {
      const { stores, health, close } = await openStorage(config, (open) => ({
        cache: open.cache(),
        rows: open.relational([user]),
        notes: open.documents(note),
        entries: open.worm(entry),
      }));
      if (!isSecondStart) {
        await stores.rows.repository(user).add({ id: 'u', email: 'u@example.org' });
        await stores.notes.insert({ id: 'n', text: 'kept' });
        await stores.entries.append('s', 0, { n: 1 });
      }
      await stores.cache.set('k', isSecondStart);
      expect((await stores.rows.repository(user).get('u'))?.email).toBe('u@example.org');
      expect((await stores.notes.get('n'))?.text).toBe('kept');
      expect(await stores.entries.height('s')).toBe(0);
      expect(Object.values(stores).map(({ provider }) => provider)).toEqual(['memory', 'sqlite', 'sqlite', 'sqlite']);
      expect(await health()).toMatchObject({ status: 'pass', stores: { cache: { provider: 'memory' } } });
      await close();
      await close();
    }
  });

  it('does not touch what is not declared', async () => {
    const config = await load({ cold: { provider: 'sqlite', file: '/nowhere/at/all/cold.sqlite' } });
    const { stores, close } = await openStorage(config, (open) => ({ cache: open.cache() }));
    await stores.cache.set('k', 1);
    await close();
  });

  it('takes a provider that it has never heard of (FR-054)', async () => {
    const provider = createCacheProvider(async () => createMemoryCacheStore());
    const config = await load({ hot: { provider: 'odd' } }, [...PROVIDERS, provider]);
    const { stores, close } = await openStorage(config, (open) => ({ cache: open.cache() }));
    expect(await stores.cache.getOrSet('k', () => 1)).toBe(1);
    await close();
  });
});

describe('a start that fails', () => {
  it('names every store that cannot be opened with the setting to blame, and leaves nothing open', async () => {
    const folder = await createTemporaryFolder(onTestFinished);
    await writeFile(join(folder, 'text.sqlite'), 'this is no database, and longer than a hundred bytes '.repeat(4));
    const opened: ReturnType<typeof createMemoryCacheStore>[] = [];
    const provider = createCacheProvider(async () => {
      const cache = createMemoryCacheStore();
      opened.push(cache);
      return cache;
    });
    const config = await load(
      {
        hot: { provider: 'odd' },
        warm: { documents: { provider: 'sqlite', file: join(folder, 'text.sqlite', 'below') } },
        cold: { provider: 'sqlite', file: join(folder, 'text.sqlite') },
      },
      [...PROVIDERS, provider],
    );
    const start = openStorage(config, (open) => ({
      cache: open.cache(),
      notes: open.documents(note),
      entries: open.worm(entry),
    }));
    await expect(start).rejects.toMatchObject({
      code: 'START_FAILED',
      failures: [{ path: 'storage.warm.documents.file' }, { path: 'storage.cold.file', provider: 'sqlite' }],
    });
    await expect(opened[0]?.get('k')).rejects.toMatchObject({ code: 'CLOSED' });
  });

  it('says no secret, neither in its message nor in its causes', async () => {
    const provider = createCacheProvider(async () => {
      const cause = new Error('AUTH hunter2-hunter2 refused');
      throw new StorageError('UNAVAILABLE', 'The server refused hunter2-hunter2.', { cause });
    });
    const config = await load({ hot: { provider: 'odd', password: 'hunter2-hunter2' } }, [...PROVIDERS, provider]);
    const error: unknown = await openStorage(config, (open) => ({ cache: open.cache() })).catch(
      (reason: unknown) => reason,
    );
    expect(error).toMatchObject({ failures: [{ path: 'storage.hot.password', code: 'UNAVAILABLE' }] });
    expect(inspect(error, { depth: 20 })).not.toContain('hunter2');
  });

  it('ends at its deadline, and closes what opens later', async () => {
    const opening = Promise.withResolvers<ReturnType<typeof createMemoryCacheStore>>();
    const config = await load({ hot: { provider: 'odd' } }, [
      ...PROVIDERS,
      createCacheProvider(async () => opening.promise),
    ]);
    const start = openStorage(config, (open) => ({ cache: open.cache() }), { startTimeoutMs: 20 });
    await expect(start).rejects.toMatchObject({ failures: [{ code: 'TIMEOUT' }] });
    const late = createMemoryCacheStore();
    const closed = Promise.withResolvers<void>();
    opening.resolve({ ...late, close: async () => closed.resolve() });
    await closed.promise;
  });
});

describe('a declaration', () => {
  /** The configuration of a cache whose closing is counted. */
  async function loadCounted() {
    const counts = { opened: 0, closed: 0 };
    const provider = createCacheProvider(async () => {
      counts.opened += 1;
      return { ...createMemoryCacheStore(), close: async () => void (counts.closed += 1) };
    });
    return { counts, config: await load({ hot: { provider: 'odd' } }, [...PROVIDERS, provider]) };
  }

  it('that wraps a store or leaves one out has all of them closed', async () => {
    const { counts, config } = await loadCounted();
    const wrapped = async (opening: Promise<object>) => ({ ...createMemoryCacheStore(), inner: await opening });
    const { stores, close } = await openStorage(config, (open) => {
      void open.cache();
      return { cache: wrapped(open.cache()) };
    });
    expect(await stores.cache.getOrSet('k', () => 1)).toBe(1);
    await close();
    expect(counts).toEqual({ opened: 2, closed: 2 });
  });

  it('that throws, or whose own work fails, leaves nothing open', async () => {
    const { counts, config } = await loadCounted();
    const throwing = openStorage(config, (open) => {
      void open.cache();
      throw new RangeError('no');
    });
    await expect(throwing).rejects.toBeInstanceOf(RangeError);
    const failing = openStorage(config, (open) => ({
      cache: open
        .cache()
        .then(async () => Promise.reject<ReturnType<typeof createMemoryCacheStore>>(new RangeError('no'))),
    }));
    await expect(failing).rejects.toBeInstanceOf(RangeError);
    await expect.poll(() => counts).toEqual({ opened: 2, closed: 2 });
  });

  it('whose wrapped store cannot be opened still names the setting', async () => {
    const provider = createCacheProvider(async () => Promise.reject(new StorageError('UNAVAILABLE', 'Not there.')));
    const config = await load({ hot: { provider: 'odd' } }, [...PROVIDERS, provider]);
    const start = openStorage(config, (open) => ({ cache: open.cache().then((cache) => cache) }));
    await expect(start).rejects.toMatchObject({ failures: [{ path: 'storage.hot.password', code: 'UNAVAILABLE' }] });
  });
});

describe('the health of the storage', () => {
  it('warns when only the cache fails, and fails when another store does (FR-003)', async () => {
    const config = await load(sqliteIn(await createTemporaryFolder(onTestFinished)));
    const { stores, health, close } = await openStorage(config, (open) => ({
      cache: open.cache(),
      notes: open.documents(note),
    }));
    await stores.cache.close();
    expect(await health()).toMatchObject({ status: 'warn', stores: { cache: { status: 'fail' } } });
    await stores.notes.close();
    expect((await health()).status).toBe('fail');
    await close();
  });

  it('and the end of it: a store that cannot be closed keeps no other from being closed', async () => {
    const folder = await createTemporaryFolder(onTestFinished);
    const provider = createCacheProvider(async () => ({
      ...createMemoryCacheStore(),
      close: async () => Promise.reject(new StorageError('UNAVAILABLE', 'It does not end.')),
    }));
    const config = await load({ hot: { provider: 'odd' }, ...sqliteIn(folder) }, [...PROVIDERS, provider]);
    const { stores, close } = await openStorage(config, (open) => ({
      cache: open.cache(),
      notes: open.documents(note),
    }));
    await expect(close()).rejects.toMatchObject({ code: 'UNAVAILABLE' });
    await expect(stores.notes.get('n')).rejects.toMatchObject({ code: 'CLOSED' });
  });
});
