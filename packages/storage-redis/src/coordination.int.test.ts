import { setTimeout as sleep } from 'node:timers/promises';
import { type InvalidationListener, isCoordinatedCacheStore } from '@sorcha/storage';
import { startRedis } from '@sorcha/test-servers';
import { afterAll, describe, expect, it, onTestFinished } from 'vitest';
import { openRedisCacheStore, type RedisCacheStore } from './open-redis-cache-store.ts';
import type { RedisCacheOptions } from './redis-cache-options.ts';
import { openRawClient } from './testing/open-raw-client.ts';
import { waitUntil } from './testing/wait-until.ts';

const server = await startRedis({ onEnd: afterAll, config: {} });
const TTL = { ttlMs: 10_000 };
let opened = 0;

/** Opens stores on the same data, as several processes would. */
async function openStores(count: number, options: RedisCacheOptions = {}) {
  opened += 1;
  const prefix = `coordination-${opened}`;
  const open = async () => openRedisCacheStore({ url: server.url, prefix, ...options });
  const stores = await Promise.all(Array.from({ length: count }, open));
  onTestFinished(async () => {
    await Promise.all(stores.map(async (store) => store.close()));
  });
  return { stores, prefix };
}

async function openPair(): Promise<[RedisCacheStore, RedisCacheStore]> {
  const { stores } = await openStores(2);
  const [a, b] = stores;
  if (a === undefined || b === undefined) {
    throw new Error('two stores were opened');
  }
  return [a, b];
}

describe('leases', () => {
  it('are offered', async () => {
    const [a] = await openPair();
    expect(isCoordinatedCacheStore(a)).toBe(true);
  });

  it('are held by one at a time, and by it again', async () => {
    const [a, b] = await openPair();
    expect(await a.lease('k', 'one', TTL)).toEqual({ isGranted: true, value: undefined });
    expect(await b.lease('k', 'two', TTL)).toEqual({ isGranted: false, value: undefined });
    expect(await a.lease('k', 'one', TTL)).toEqual({ isGranted: true, value: undefined });
    expect(await b.lease('other', 'two', TTL)).toMatchObject({ isGranted: true });
  });

  it('of 100 who ask at once, one is granted it', async () => {
    const { stores } = await openStores(4);
    const answers = await Promise.all(
      Array.from({ length: 100 }, async (_, index) => stores[index % 4]?.lease('k', `t${index}`, TTL)),
    );
    expect(answers.filter((answer) => answer?.isGranted)).toHaveLength(1);
  });

  it.each([undefined, null, 0, 'text', { nested: [1] }, 'long '.repeat(5_000)])(
    'are granted beside an entry, which stays as it is: %j',
    async (value) => {
      const [a, b] = await openPair();
      if (value !== undefined) {
        await a.set('k', value);
      }
      expect(await a.lease('k', 'one', TTL)).toEqual({ isGranted: true, value });
      expect(await b.lease('k', 'two', TTL)).toEqual({ isGranted: false, value });
      expect(await b.get('k')).toEqual(value);
      expect(await b.exists('k')).toBe(value !== undefined);
      expect((await b.getWithTtl('k'))?.value).toEqual(value);
      expect(await a.setIfLeased('k', 'two', 'wrong')).toBe(false);
      expect(await a.setIfLeased('k', 'one', 'new')).toBe(true);
      expect(await b.get('k')).toBe('new');
      expect(await b.lease('k', 'two', TTL)).toEqual({ isGranted: true, value: 'new' });
    },
  );

  const changes: Readonly<Record<string, (store: RedisCacheStore) => Promise<unknown>>> = {
    set: async (store) => store.set('k', 7),
    remove: async (store) => store.remove('k'),
    removeByPattern: async (store) => store.removeByPattern('k*'),
    increment: async (store) => store.increment('k'),
    release: async (store) => store.release('k', 'one'),
    setIfLeased: async (store) => store.setIfLeased('k', 'one', 8),
  };
  for (const [name, change] of Object.entries(changes)) {
    it.each([undefined, 6])(`are ended by ${name}, by anybody, beside an entry or none: %s`, async (value) => {
      const [a, b] = await openPair();
      if (value !== undefined) {
        await a.set('k', value);
      }
      await a.lease('k', 'one', TTL);
      await change(b);
      const left = await b.get('k');
      expect(await a.setIfLeased('k', 'one', 'stale')).toBe(false);
      expect(await a.get('k')).toBe(left);
      expect(await a.lease('k', 'two', TTL)).toEqual({ isGranted: true, value: left });
    });
  }

  it('are no entries: other calls count and remove nothing where only a lease is', async () => {
    const [a, b] = await openPair();
    await a.lease('k', 'one', TTL);
    expect(await b.get('k')).toBeUndefined();
    expect(await b.remove('k')).toBe(false);
    await a.lease('k', 'two', TTL);
    expect(await b.removeByPattern('**')).toBe(0);
    await a.lease('k', 'three', TTL);
    expect(await b.increment('k', { by: 5 })).toBe(5);
    expect(a.statistics()).toEqual({ hits: 0, misses: 0, errors: 0, sets: 0, removals: 0, evictions: 0 });
    expect(b.statistics()).toMatchObject({ hits: 0, misses: 1, sets: 1, removals: 0 });
  });

  it.each([undefined, 'entry'])(
    'end with their time, which begins anew when they are asked for again: %s',
    async (value) => {
      const [a, b] = await openPair();
      if (value !== undefined) {
        await a.set('k', value, { ttlMs: 60_000 });
      }
      await a.lease('k', 'one', { ttlMs: 300 });
      await sleep(200);
      await a.lease('k', 'one', { ttlMs: 300 });
      await sleep(200);
      expect(await b.lease('k', 'two', TTL)).toEqual({ isGranted: false, value });
      await sleep(150);
      expect(await a.setIfLeased('k', 'one', 'late')).toBe(false);
      expect(await b.lease('k', 'two', TTL)).toEqual({ isGranted: true, value });
      expect(await b.get('k')).toBe(value);
    },
  );

  it('leave the time to live of an entry, and a release does too', async () => {
    const [a] = await openPair();
    await a.set('k', 'entry', { ttlMs: 400 });
    await a.lease('k', 'one', TTL);
    expect((await a.getWithTtl('k'))?.ttlMs).toBeLessThanOrEqual(400);
    await a.release('k', 'one');
    expect((await a.getWithTtl('k'))?.ttlMs).toBeLessThanOrEqual(400);
    await sleep(450);
    expect(await a.get('k')).toBeUndefined();
  });

  it('of somebody else are not released', async () => {
    const [a, b] = await openPair();
    await a.lease('k', 'one', TTL);
    await b.release('k', 'two');
    expect(await a.setIfLeased('k', 'one', 1)).toBe(true);
  });

  it('are refused with tokens and times that are none', async () => {
    const [a] = await openPair();
    for (const token of ['', 'a b', 'x'.repeat(65), '\u00e9', 'a\n']) {
      await expect(a.lease('k', token, TTL)).rejects.toMatchObject({ code: 'INVALID' });
      await expect(a.setIfLeased('k', token, 1)).rejects.toMatchObject({ code: 'INVALID' });
      await expect(a.release('k', token)).rejects.toMatchObject({ code: 'INVALID' });
    }
    for (const ttlMs of [0, -1, 1.5, Number.NaN, 3_600_001]) {
      await expect(a.lease('k', 'one', { ttlMs })).rejects.toMatchObject({ code: 'INVALID' });
    }
    expect(await a.lease('k', 'x'.repeat(64), { ttlMs: 3_600_000 })).toMatchObject({ isGranted: true });
  });

  it('keep a value of getOrSet out that was made before a change by another process', async () => {
    const [a, b] = await openPair();
    const source = Promise.withResolvers<string>();
    const asked = Promise.withResolvers<undefined>();
    const reading = a.getOrSet('k', async () => {
      asked.resolve(undefined);
      return source.promise;
    });
    await asked.promise;
    await b.remove('k');
    source.resolve('stale');
    expect(await reading).toBe('stale');
    expect(await b.get('k')).toBeUndefined();
  });
});

describe('the time that is left', () => {
  it('is told with the value and counted as a read', async () => {
    const [a] = await openPair();
    expect(await a.getWithTtl('k')).toBeUndefined();
    await a.set('k', [1], { ttlMs: 5_000 });
    const found = await a.getWithTtl('k');
    expect(found?.value).toEqual([1]);
    expect(found?.ttlMs).toBeGreaterThan(1_000);
    expect(found?.ttlMs).toBeLessThanOrEqual(5_000);
    expect(a.statistics()).toMatchObject({ hits: 1, misses: 1 });
  });
});

/** What a listener heard. */
function createEar() {
  const heard: string[] = [];
  const channel: boolean[] = [];
  const listener: InvalidationListener = {
    onChange: (keys) => heard.push(...(keys === 'all' ? ['(all)'] : keys)),
    onChannel: (isUp) => channel.push(isUp),
  };
  const isUp = () => channel.at(-1) === true;
  return { heard, channel, listener, isUp };
}

describe('changes', () => {
  it('of all kinds and by everybody are told, with their keys', async () => {
    const { stores, prefix } = await openStores(2);
    const [a, b] = stores;
    const raw = await openRawClient(server.url, onTestFinished);
    const ear = createEar();
    const stop = a?.onInvalidation(ear.listener);
    expect(ear.channel).toEqual([false]);
    await waitUntil('the channel is up', ear.isUp);
    const expectHeard = async (key: string) =>
      waitUntil(`${key} is heard`, () => ear.heard.includes(key) || ear.heard.includes('(all)'), 5_000);
    await b?.set('set', 1);
    await expectHeard('set');
    await b?.increment('counter');
    await expectHeard('counter');
    await b?.getOrSet('made', () => 1);
    await expectHeard('made');
    ear.heard.length = 0;
    await b?.remove('set');
    await expectHeard('set');
    await b?.removeByPattern('counter');
    await expectHeard('counter');
    await raw.ask('SET', `${prefix}:raw:\u{1f600}`, 'x');
    await expectHeard('raw:\u{1f600}');
    await raw.ask('SET', `${prefix}x:foreign`, 'x');
    await raw.ask('SET', `${prefix}:\u0001control`, 'x');
    await b?.set('short', 1, { ttlMs: 50 });
    await expectHeard('short');
    ear.heard.length = 0;
    await expectHeard('short');
    expect(ear.heard).toEqual(['short']);
    await raw.ask('FLUSHALL');
    await expectHeard('(all)');
    stop?.();
    ear.heard.length = 0;
    await b?.set('unheard', 1);
    await sleep(100);
    expect(ear.heard).toEqual([]);
    expect(ear.channel).toEqual([false, true]);
  });

  it('are told to every listener, although another throws, and to those who come back', async () => {
    const { stores } = await openStores(2);
    const [a, b] = stores;
    const deaf = a?.onInvalidation({
      onChange: () => {
        throw new Error('a listener that breaks');
      },
      onChannel: () => undefined,
    });
    const ear = createEar();
    a?.onInvalidation(ear.listener);
    await waitUntil('the channel is up', ear.isUp);
    await b?.set('k', 1);
    await waitUntil('it is heard', () => ear.heard.includes('k'));
    deaf?.();
    await b?.set('l', 1);
    await waitUntil('it is heard', () => ear.heard.includes('l'));
    const again = createEar();
    a?.onInvalidation(again.listener);
    expect(again.channel).toEqual([true]);
    await b?.set('m', 1);
    await waitUntil('it is heard', () => again.heard.includes('m'));
    await a?.close();
    expect([ear.isUp(), again.isUp()]).toEqual([false, false]);
  });

  it('the channel goes down with the server and comes back', async () => {
    const own = await startRedis({ onEnd: onTestFinished, faults: true });
    const { stores } = await openStores(2, { url: own.url, deadlineMs: 300 });
    const [a, b] = stores;
    const ear = createEar();
    a?.onInvalidation(ear.listener);
    await waitUntil('the channel is up', ear.isUp);
    await own.kill();
    await waitUntil('the channel is down', () => !ear.isUp(), 2_000);
    await own.restart();
    await waitUntil('the channel is up again', ear.isUp);
    await waitUntil('the other works again', async () => (await b?.health())?.status === 'pass');
    await b?.set('k', 1);
    await waitUntil('it is heard', () => ear.heard.includes('k'));
    await own.pause();
    const noticed = await waitUntil('silence is noticed', () => !ear.isUp(), 10_000);
    expect(noticed).toBeLessThan(5_000);
    await own.resume();
    await waitUntil('the channel is up again', ear.isUp);
    expect(ear.channel).toEqual([false, true, false, true, false, true]);
  });

  it('a user without the right hears that the channel is down, and everything else works', async () => {
    const raw = await openRawClient(server.url, onTestFinished);
    await raw.ask('ACL', 'SETUSER', 'deaf', 'on', '>secret', '~*', '+@all', '-client|tracking');
    const { stores } = await openStores(1, { username: 'deaf', password: 'secret' });
    const [a] = stores;
    const ear = createEar();
    a?.onInvalidation(ear.listener);
    await sleep(300);
    expect(ear.channel).toEqual([false]);
    await a?.set('k', 1);
    expect(await a?.get('k')).toBe(1);
  });
});
