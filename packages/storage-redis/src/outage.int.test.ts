import { setTimeout as sleep } from 'node:timers/promises';
import { StorageError } from '@sorcha/storage';
import { startRedis } from '@sorcha/test-servers';
import { describe, expect, it, onTestFinished } from 'vitest';
import { openRedisCacheStore, type RedisCacheStore } from './open-redis-cache-store.ts';
import { createLoad } from './testing/create-load.ts';
import { openRawClient } from './testing/open-raw-client.ts';
import { startLaggingNetwork } from './testing/start-lagging-network.ts';
import { waitUntil } from './testing/wait-until.ts';

const DEADLINE_MS = 300;
/** What a busy machine may add to a deadline. */
const SLACK_MS = 700;

async function open(options: { readonly username?: string; readonly password?: string } = {}) {
  const server = await startRedis({ faults: true, onEnd: onTestFinished });
  const raw = await openRawClient(server.url, onTestFinished);
  if (options.username !== undefined) {
    await raw.ask('ACL', 'SETUSER', options.username, 'on', `>${options.password}`, '~*', '+@all', '-client|kill');
  }
  const store = await openRedisCacheStore({ url: server.url, prefix: 'outage', deadlineMs: DEADLINE_MS, ...options });
  onTestFinished(async () => store.close());
  return { server, store, raw };
}

const works = async (store: RedisCacheStore): Promise<boolean> =>
  store.set('works', 1).then(
    () => true,
    () => false,
  );

const statusOf = (store: RedisCacheStore) => store.report().servers[0]?.status;

describe('a server that is killed', () => {
  it('fails calls at once, counts them as errors and no misses, and is used again without a restart of ours', async () => {
    const { server, store } = await open();
    const load = createLoad(store);
    await waitUntil('the load runs', () => store.statistics().hits > 500);
    load.take();
    await server.kill();
    await waitUntil('the loss is noticed', () => statusOf(store) === 'down');
    const { misses } = store.statistics();
    const down = load.take();
    await sleep(300);
    const during = load.take();
    expect(during.outcomes).toEqual({ UNAVAILABLE: during.calls });
    expect(store.statistics().misses).toBe(misses);
    expect(store.statistics().errors).toBeGreaterThanOrEqual(during.calls);
    expect(await store.health()).toMatchObject({ status: 'fail', provider: 'redis' });
    await server.restart();
    await waitUntil('it works again', async () => works(store), 10_000);
    const after = await load.stop();
    expect(Math.max(down.longestMs, during.longestMs, after.longestMs)).toBeLessThan(DEADLINE_MS + SLACK_MS);
    expect(store.report().servers[0]?.reconnects).toBe(1);
    expect(await store.health()).toMatchObject({ status: 'pass' });
  });

  it('leaves the outcome of writes under way unknown and reads unavailable', async () => {
    const { server, store } = await open();
    await server.pause();
    const outcomes = Promise.allSettled([
      store.set('a', 1),
      store.remove('a'),
      store.increment('n'),
      store.lease('k', 'token', { ttlMs: 1_000 }),
      store.get('a'),
      store.exists('a'),
      store.getWithTtl('a'),
    ]);
    await sleep(50);
    await server.kill();
    const codes = (await outcomes).map((each) =>
      each.status === 'rejected' && each.reason instanceof StorageError ? each.reason.code : each.status,
    );
    expect(codes).toEqual([
      ...Array.from({ length: 4 }, () => 'OUTCOME_UNKNOWN'),
      ...Array.from({ length: 3 }, () => 'UNAVAILABLE'),
    ]);
  });
});

describe('a server that is frozen', () => {
  it('costs the calls under way their deadline and the ones after it nothing; goes on where it stood', async () => {
    const { server, store } = await open();
    await store.set('a', 1);
    await server.pause();
    const startedAt = performance.now();
    await expect(store.get('a')).rejects.toMatchObject({ code: 'TIMEOUT' });
    expect(performance.now() - startedAt).toBeGreaterThanOrEqual(DEADLINE_MS - 1);
    expect(performance.now() - startedAt).toBeLessThan(DEADLINE_MS + SLACK_MS);
    expect(statusOf(store)).toBe('stalled');
    const stalledAt = performance.now();
    for (let call = 0; call < 100; call += 1) {
      await expect(store.set('a', 2)).rejects.toMatchObject({ code: 'UNAVAILABLE' });
    }
    expect(performance.now() - stalledAt).toBeLessThan(DEADLINE_MS);
    await server.resume();
    await waitUntil('it works again', async () => works(store));
    expect(await store.get('a')).toBe(1);
    expect(store.report().servers[0]).toMatchObject({ status: 'up', reconnects: 0 });
  });
});

describe('a network that delivers late', () => {
  async function openBehindNetwork(user: { readonly username?: string; readonly password?: string }) {
    const { server } = await open(user);
    const network = await startLaggingNetwork(server.url, onTestFinished);
    const options = { prefix: 'late', deadlineMs: DEADLINE_MS, ...user };
    const store = await openRedisCacheStore({ url: network.url, ...options });
    onTestFinished(async () => store.close());
    network.hold();
    await expect(store.set('k', 'old')).rejects.toMatchObject({ code: 'OUTCOME_UNKNOWN' });
    await waitUntil('the connection is given up', () => statusOf(store) === 'down');
    return { network, store };
  }

  it('brings no write that was given up after a later one', async () => {
    const { network, store } = await openBehindNetwork({});
    await waitUntil('it works again', async () => works(store));
    await store.set('k', 'new');
    network.release();
    await sleep(DEADLINE_MS);
    expect(await store.get('k')).toBe('new');
  });

  it('brings no write of a connection that a proxy ended after a later one', async () => {
    const { server } = await open();
    const network = await startLaggingNetwork(server.url, onTestFinished);
    const store = await openRedisCacheStore({ url: network.url, prefix: 'proxy', deadlineMs: DEADLINE_MS });
    onTestFinished(async () => store.close());
    network.hold();
    const older = store.set('k', 'old');
    await Promise.all([
      expect(older).rejects.toMatchObject({ code: 'OUTCOME_UNKNOWN' }),
      sleep(50).then(() => network.hangUp()),
    ]);
    await waitUntil('it works again', async () => works(store));
    await store.set('k', 'new');
    network.release();
    await sleep(DEADLINE_MS);
    expect(await store.get('k')).toBe('new');
  });

  it('is given the time of one call to deliver, when the user may not end connections', async () => {
    const { network, store } = await openBehindNetwork({ username: 'plain', password: 'secret' });
    const before = network.connections();
    await waitUntil('another connection is made', () => network.connections() > before);
    const delivered = sleep(DEADLINE_MS / 2).then(() => network.release());
    await waitUntil('it works again', async () => works(store));
    await store.set('k', 'new');
    await delivered;
    await sleep(DEADLINE_MS);
    expect(await store.get('k')).toBe('new');
  });
});

describe('a server that comes and goes', () => {
  it('lets no call wait longer than its deadline, and works in the end', async () => {
    const { server, store } = await open();
    const load = createLoad(store);
    for (let cycle = 0; cycle < 12; cycle += 1) {
      if (cycle % 3 === 2) {
        await server.kill();
        await server.restart();
      } else {
        await server.pause();
        await sleep(cycle % 3 === 0 ? 50 : DEADLINE_MS + 100);
        await server.resume();
      }
      await sleep(30);
    }
    await waitUntil('it works again', async () => works(store));
    load.take();
    await waitUntil('the load works again', () => (load.take().outcomes['ok'] ?? 0) > 0);
    const { outcomes, longestMs } = await load.stop();
    expect(longestMs).toBeLessThan(DEADLINE_MS + SLACK_MS);
    expect(Object.keys(outcomes)).toEqual(['ok']);
  });

  it('does not take replies for lost that came while this process was busy', async () => {
    const { store } = await open();
    const reads = Promise.all(Array.from({ length: 50 }, async (_, index) => store.get(`k${index}`)));
    await new Promise(setImmediate);
    const busyUntil = performance.now() + DEADLINE_MS * 2;
    while (performance.now() < busyUntil) {
      // Keeps the process from reading replies.
    }
    expect(await reads).toHaveLength(50);
  });
});

describe('a server that refuses writes for a while', () => {
  it('because its memory is full: reads go on, and health says so', async () => {
    const { store, raw } = await open();
    await store.set('a', 1);
    await raw.ask('CONFIG', 'SET', 'maxmemory', '1');
    await expect(store.set('a', 2)).rejects.toMatchObject({ code: 'UNAVAILABLE' });
    await expect(store.increment('a')).rejects.toMatchObject({ code: 'UNAVAILABLE' });
    await expect(store.getOrSet('b', () => 1)).rejects.toMatchObject({ code: 'UNAVAILABLE' });
    expect(await store.get('a')).toBe(1);
    expect(await store.remove('a')).toBe(true);
    const { status, detail } = await store.health();
    expect(status).toBe('warn');
    expect(detail).toMatch(/maxmemory-policy/);
    expect(store.statistics().errors).toBe(3);
    await raw.ask('CONFIG', 'SET', 'maxmemory', '0');
    await store.set('a', 2);
    expect(await store.health()).toMatchObject({ status: 'pass' });
  });

  it('because it became a replica: it is left and asked again until it is a master', async () => {
    const { store, raw } = await open();
    const master = await startRedis({ config: {}, onEnd: onTestFinished });
    await raw.ask('REPLICAOF', '127.0.0.1', new URL(master.url).port);
    await expect(store.set('a', 1)).rejects.toMatchObject({ code: 'UNAVAILABLE' });
    await waitUntil('it is left', () => statusOf(store) === 'down');
    await expect(store.get('a')).rejects.toThrow(/read-only replica/);
    await raw.ask('REPLICAOF', 'NO', 'ONE');
    await waitUntil('it works again', async () => works(store));
  });
});

describe('closing', () => {
  it('waits for writes under way', async () => {
    const { store, raw } = await open();
    const writes = Array.from({ length: 100 }, async (_, index) => store.set(`k${index}`, index));
    await store.close();
    await Promise.all(writes);
    expect(await raw.ask('DBSIZE')).toBe(100);
  });

  it('does not wait longer than the deadline for a server that is frozen, and claims nothing of a write that was sent', async () => {
    const { server, store } = await open();
    await server.pause();
    const read = store.get('a').catch((error: unknown) => error);
    const write = store.increment('a').catch((error: unknown) => error);
    const startedAt = performance.now();
    await store.close();
    expect(performance.now() - startedAt).toBeLessThan(DEADLINE_MS + SLACK_MS);
    expect([await read, await write]).toMatchObject([{ code: 'CLOSED' }, { code: 'OUTCOME_UNKNOWN' }]);
    await server.resume();
  });
});
