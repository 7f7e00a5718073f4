import { setTimeout as sleep } from 'node:timers/promises';
import { startRedisCluster } from '@sorcha/test-servers';
import { describe, expect, it, onTestFinished } from 'vitest';
import { openRedisCacheStore, type RedisCacheStore } from './open-redis-cache-store.ts';
import type { RedisCacheOptions } from './redis-cache-options.ts';
import { slotOfKey } from './routing/slot-of-key.ts';
import { createLoad } from './testing/create-load.ts';
import { openRawClient } from './testing/open-raw-client.ts';
import { waitUntil } from './testing/wait-until.ts';

const DEADLINE_MS = 500;
const SLACK_MS = 1_000;
const KEYS = Array.from({ length: 60 }, (_, index) => `key:${index}`);

async function start() {
  const cluster = await startRedisCluster({ onEnd: onTestFinished, faults: true });
  const open = async (options: RedisCacheOptions = {}) => {
    const store = await openRedisCacheStore({ nodes: cluster.urls, deadlineMs: DEADLINE_MS, ...options });
    onTestFinished(async () => store.close());
    return store;
  };
  return { cluster, open };
}

/** How many of the keys can be written. */
async function countWritable(store: RedisCacheStore): Promise<number> {
  const outcomes = await Promise.allSettled(KEYS.map(async (key) => store.set(key, key)));
  return outcomes.filter(({ status }) => status === 'fulfilled').length;
}

const writesAll = async (store: RedisCacheStore) => (await countWritable(store)) === KEYS.length;

describe('a cluster', () => {
  it('one seed is enough, wherever it is and whichever are away', async () => {
    const { cluster, open } = await start();
    for (const url of cluster.urls) {
      const store = await open({ nodes: [url] });
      expect(store.report().servers).toHaveLength(3);
      expect(await writesAll(store)).toBe(true);
    }
    const store = await open({ nodes: ['redis://127.0.0.1:1', ...cluster.urls.slice(2)] });
    expect(await store.get(KEYS[0] ?? '')).toBe(KEYS[0]);
    expect(await store.health()).toMatchObject({ status: 'pass' });
    await expect(open({ nodes: ['redis://127.0.0.1:1', 'redis://127.0.0.1:2'] })).rejects.toMatchObject({
      code: 'UNAVAILABLE',
    });
  });

  it('one server killed costs its keys only; a new one in its place is found under load, without a restart of ours', async () => {
    const { cluster, open } = await start();
    const store = await open();
    expect(await writesAll(store)).toBe(true);
    const load = createLoad(store);
    await cluster.nodes[1]?.kill();
    await waitUntil('the loss is noticed', () => store.report().servers.some(({ status }) => status === 'down'));
    const writable = await countWritable(store);
    expect(writable).toBeGreaterThan(KEYS.length / 3);
    expect(writable).toBeLessThan(KEYS.length);
    expect(await store.health()).toMatchObject({ status: 'warn' });
    // Opened while a server is away: finds the new one as well.
    const late = await open({ nodes: cluster.urls.filter((_, index) => index !== 1) });
    await cluster.replaceNode(1);
    await waitUntil('all keys are back', async () => (await writesAll(store)) && (await writesAll(late)));
    load.take();
    await sleep(300);
    const after = load.take();
    expect(Object.keys(after.outcomes)).toEqual(['ok']);
    const { longestMs } = await load.stop();
    expect(longestMs).toBeLessThan(DEADLINE_MS + SLACK_MS);
    expect(await store.health()).toMatchObject({ status: 'pass' });
    expect(await store.removeByPattern('key:*')).toBe(KEYS.length);
  });

  it('a server that hands over its keys takes none of them with it', async () => {
    const { cluster, open } = await start();
    const store = await open();
    expect(await writesAll(store)).toBe(true);
    const load = createLoad(store, 4);
    await cluster.replaceNode(0);
    await waitUntil('all keys can be read', async () => {
      const values = await Promise.all(KEYS.map(async (key) => store.get(key).catch(() => undefined)));
      return values.every((value, index) => value === KEYS[index]);
    });
    const { longestMs } = await load.stop();
    expect(longestMs).toBeLessThan(DEADLINE_MS + SLACK_MS);
  });

  it('one server frozen costs its keys only, and no call more than its deadline', async () => {
    const { cluster, open } = await start();
    const store = await open();
    await cluster.nodes[2]?.pause();
    const startedAt = performance.now();
    const writable = await countWritable(store);
    expect(performance.now() - startedAt).toBeLessThan(DEADLINE_MS + SLACK_MS);
    expect(writable).toBeGreaterThan(0);
    expect(writable).toBeLessThan(KEYS.length);
    await cluster.nodes[2]?.resume();
    await waitUntil('all keys are back', async () => writesAll(store));
  });

  it('follows slots that are moved, also while they are being moved', async () => {
    const { cluster, open } = await start();
    const store = await open();
    const [from, to] = await Promise.all(
      [cluster.urls[0] ?? '', cluster.urls[1] ?? ''].map(async (url) => {
        const raw = await openRawClient(url, onTestFinished);
        return { raw, id: String(await raw.ask('CLUSTER', 'MYID')) };
      }),
    );
    if (from === undefined || to === undefined) {
      throw new Error('two servers were asked');
    }
    // Both keys are of one slot that the first server has.
    const tag = Array.from({ length: 1_000 }, (_, index) => `t${index}`).find((each) => slotOfKey(each) <= 5_460) ?? '';
    const [there, fresh] = [`{${tag}}there`, `{${tag}}fresh`];
    const slot = String(await from.raw.ask('CLUSTER', 'KEYSLOT', `sorcha:${there}`));
    await store.set(there, 'here');
    await to.raw.ask('CLUSTER', 'SETSLOT', slot, 'IMPORTING', from.id);
    await from.raw.ask('CLUSTER', 'SETSLOT', slot, 'MIGRATING', to.id);
    // Absent at the old place: the server says ASK, and the new place takes it.
    await store.set(fresh, 1);
    expect(await store.increment(fresh)).toBe(2);
    expect(await store.get(fresh)).toBe(2);
    expect(await store.get(there)).toBe('here');
    const { port } = new URL(cluster.urls[1] ?? '');
    await from.raw.ask('MIGRATE', '127.0.0.1', port, '', '0', '5000', 'KEYS', `sorcha:${there}`);
    for (const { raw } of [to, from]) {
      await raw.ask('CLUSTER', 'SETSLOT', slot, 'NODE', to.id);
    }
    expect(await store.get(there)).toBe('here');
    expect(await store.get(fresh)).toBe(2);
    expect(await store.removeByPattern(`{${tag}}*`)).toBe(2);
    expect(store.statistics().errors).toBe(0);
  });

  it('tells changes of keys on all servers, and when one of them is away', async () => {
    const { cluster, open } = await start();
    const [a, b] = [await open(), await open()];
    const heard = new Set<string>();
    const channel: boolean[] = [];
    a.onInvalidation({
      onChange: (keys) => (keys === 'all' ? [] : keys).forEach((key) => heard.add(key)),
      onChannel: (isUp) => channel.push(isUp),
    });
    await waitUntil('the channel is up', () => channel.at(-1) === true);
    expect(await writesAll(b)).toBe(true);
    await waitUntil('all are heard', () => KEYS.every((key) => heard.has(key)));
    await cluster.nodes[0]?.kill();
    await waitUntil('the channel is down', () => channel.at(-1) === false);
    await cluster.replaceNode(0);
    await waitUntil('the channel is up again', () => channel.at(-1) === true);
    await waitUntil('the other works again', async () => writesAll(b));
    heard.clear();
    expect(await writesAll(b)).toBe(true);
    await waitUntil('all are heard', () => KEYS.every((key) => heard.has(key)));
  });

  it('leases and counts as a single server does', async () => {
    const { open } = await start();
    const [a, b] = [await open(), await open()];
    for (const key of KEYS.slice(0, 20)) {
      expect(await a.lease(key, 'one', { ttlMs: 10_000 })).toMatchObject({ isGranted: true });
      expect(await b.lease(key, 'two', { ttlMs: 10_000 })).toMatchObject({ isGranted: false });
      await b.remove(key);
      expect(await a.setIfLeased(key, 'one', 1)).toBe(false);
      expect(await Promise.all([a.increment(key), b.increment(key)])).toEqual(expect.arrayContaining([1, 2]));
    }
  });
});
