import { createNearCache } from '@sorcha/storage/layers';
import { startRedis } from '@sorcha/test-servers';
import { describe, expect, it, onTestFinished } from 'vitest';
import { openRedisCacheStore } from './open-redis-cache-store.ts';
import { openRawClient } from './testing/open-raw-client.ts';
import { startLaggingNetwork } from './testing/start-lagging-network.ts';
import { waitUntil } from './testing/wait-until.ts';

const DEADLINE_MS = 200;
/** A silent channel is noticed with the heartbeat (1 s) and one deadline; the rest is for a busy machine. */
const NOTICED_MS = 1_000 + DEADLINE_MS + 800;

/** A near cache whose copies end by nothing but what it hears: their own time is an hour. */
async function openNear(url: string, user: { readonly username?: string; readonly password?: string } = {}) {
  const near = createNearCache(await openRedisCacheStore({ url, prefix: 'near', deadlineMs: DEADLINE_MS, ...user }), {
    ttlMs: 3_600_000,
  });
  onTestFinished(async () => near.close());
  return near;
}

describe('a near cache on Redis', () => {
  it('is silent behind a broken network: its copies end within seconds, and it is right when it hears again', async () => {
    const server = await startRedis({ faults: true, onEnd: onTestFinished });
    const network = await startLaggingNetwork(server.url, onTestFinished);
    const [near, other] = await Promise.all([openNear(network.url), openNear(server.url)]);
    await waitUntil('changes are heard', () => near.report().isTrusted);
    await other.set('k', 'old');
    await waitUntil('there is a copy', async () => (await near.get('k')) === 'old' && near.report().nearHits > 0);
    network.cut();
    await other.set('k', 'new');
    const cutAt = performance.now();
    await waitUntil('the copy is gone', async () =>
      near.get('k').then(
        () => false,
        () => true,
      ),
    );
    expect(performance.now() - cutAt).toBeLessThan(NOTICED_MS);
    expect(near.report().isTrusted).toBe(false);
    network.mend();
    await waitUntil('changes are heard again', () => near.report().isTrusted);
    expect(await near.get('k')).toBe('new');
  });

  it('whose server is killed keeps nothing from before', async () => {
    const server = await startRedis({ faults: true, onEnd: onTestFinished });
    const [near, other] = await Promise.all([openNear(server.url), openNear(server.url)]);
    await waitUntil('changes are heard', () => near.report().isTrusted);
    await other.set('k', 'old');
    await waitUntil('there is a copy', async () => (await near.get('k')) === 'old' && near.report().nearHits > 0);
    await server.kill();
    await waitUntil('the loss is noticed', () => !near.report().isTrusted);
    await expect(near.get('k')).rejects.toMatchObject({ code: 'UNAVAILABLE' });
    await server.restart();
    await waitUntil('it can be changed', async () =>
      other.set('k', 'new').then(
        () => true,
        () => false,
      ),
    );
    await waitUntil('changes are heard again', () => near.report().isTrusted);
    expect(await near.get('k')).toBe('new');
  });

  it('whose user may not ask for changes says so, keeps nothing, and works', async () => {
    const server = await startRedis({ config: {}, onEnd: onTestFinished });
    const raw = await openRawClient(server.url, onTestFinished);
    await raw.ask('ACL', 'SETUSER', 'deaf', 'on', '>secret', '~*', '+@all', '-client|tracking');
    const near = await openNear(server.url, { username: 'deaf', password: 'secret' });
    expect(await near.health()).toMatchObject({ status: 'warn' });
    await near.set('k', 1);
    expect([await near.get('k'), await near.get('k'), near.report().nearHits]).toEqual([1, 1, 0]);
  });

  it('is healthy as soon as it is open', async () => {
    const server = await startRedis({ onEnd: onTestFinished });
    expect(await (await openNear(server.url)).health()).toMatchObject({ status: 'pass' });
  });
});
