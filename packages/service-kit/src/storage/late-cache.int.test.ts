import { setTimeout as sleep } from 'node:timers/promises';
import { startRedis } from '@sorcha/test-servers';
import { describe, expect, it, onTestFinished } from 'vitest';
import { loadConfig } from '../config/load-config.ts';
import { openStorage } from './open-storage.ts';
import { createStorageSchema } from './storage-schema.ts';

/** Opens a cache as a configuration in the environment says; it is closed at the end of the test. */
async function openCache(settings: Readonly<Record<string, string>>, startTimeoutMs = 30_000) {
  const environment = Object.fromEntries(
    Object.entries({ PROVIDER: 'redis', BREAK_MS: '200', ...settings }).map(([name, value]) => [
      `SORCHA__HOT__${name}`,
      value,
    ]),
  );
  const config = await loadConfig(createStorageSchema(), { environment });
  const storage = await openStorage(config, (open) => ({ cache: open.cache() }), { startTimeoutMs });
  onTestFinished(storage.close);
  return storage;
}

async function waitUntil(isSo: () => Promise<boolean>): Promise<void> {
  const giveUpAt = performance.now() + 20_000;
  while (!(await isSo())) {
    expect(performance.now()).toBeLessThan(giveUpAt);
    await sleep(20);
  }
}

describe('a service whose cache is down at its start (FR-003, SC-007)', () => {
  it.each([
    ['dead', 'kill', 'restart'],
    ['frozen', 'pause', 'resume'],
  ] as const)('starts without it while it is %s, and uses it as soon as it is there', async (_, fail, mend) => {
    const server = await startRedis({ faults: true, onEnd: onTestFinished });
    await server[fail]();
    const startedAt = performance.now();
    const { stores, health } = await openCache({ URL: server.url });
    expect(performance.now() - startedAt).toBeLessThan(5_000);
    expect(await stores.cache.getOrSet('k', () => 'made')).toBe('made');
    await stores.cache.set('k', 'changed');
    expect(await stores.cache.get('k')).toBeUndefined();
    expect(await health()).toMatchObject({ status: 'warn', stores: { cache: { status: 'warn' } } });

    await server[mend]();
    await waitUntil(async () => (await health()).status === 'pass');
    await stores.cache.set('k', 'kept');
    const other = await openCache({ URL: server.url });
    expect(await other.stores.cache.get('k')).toBe('kept');
    let made = 0;
    const makes = [stores, other.stores].map(async ({ cache }) =>
      cache.getOrSet('one', async () => {
        await sleep(100);
        return (made += 1);
      }),
    );
    expect(await Promise.all(makes)).toEqual([1, 1]);
  });

  it('starts within the time that the start may take, however short', async () => {
    const server = await startRedis({ faults: true, onEnd: onTestFinished });
    await server.pause();
    const { health } = await openCache({ URL: server.url }, 400);
    expect((await health()).status).toBe('warn');
    await server.resume();
    await waitUntil(async () => (await health()).status === 'pass');
  });

  it('does not start on a server that is there and refuses it', async () => {
    const server = await startRedis({ config: { requirepass: 'secret' }, onEnd: onTestFinished });
    const url = new URL(server.url);
    url.password = 'wrong';
    await expect(openCache({ URL: url.href })).rejects.toMatchObject({
      code: 'START_FAILED',
      failures: [{ path: 'storage.hot.password', code: 'INVALID' }],
    });
  });
});
