import { describe, expect, it, onTestFinished } from 'vitest';
import { askRedis } from './ask-redis.ts';
import { type RedisCluster, startRedisCluster } from './start-redis-cluster.ts';

/** Keys whose slots belong to the first, second and third node. */
const KEYS = ['b', 'c', 'a'];
const ask = async (url: string, ...command: readonly string[]) =>
  askRedis({ port: Number(new URL(url).port) }, ...command);
const readAll = async (cluster: RedisCluster) =>
  Promise.all(cluster.urls.map(async (url, index) => ask(url, 'GET', KEYS[index] ?? '')));

describe('startRedisCluster', () => {
  it('has three masters, each with its keys, and each of them sends to the others', async () => {
    const cluster = await startRedisCluster({ onEnd: onTestFinished });
    expect(new Set(cluster.urls).size).toBe(3);
    for (const [index, url] of cluster.urls.entries()) {
      await ask(url, 'SET', KEYS[index] ?? '', `value ${index}`);
    }
    expect(await readAll(cluster)).toEqual(['value 0', 'value 1', 'value 2']);
    const [, second = ''] = cluster.urls;
    await expect(ask(cluster.urls[0] ?? '', 'GET', 'c')).rejects.toThrow(`MOVED 7365 ${new URL(second).host}`);
  });

  it('replaces a node that runs with all its data, and one that is dead without', async () => {
    const cluster = await startRedisCluster({ onEnd: onTestFinished });
    for (const [index, url] of cluster.urls.entries()) {
      await ask(url, 'SET', KEYS[index] ?? '', 'kept');
    }
    const [first = '', second = '', third = ''] = cluster.urls;
    await cluster.replaceNode(1);
    expect(cluster.urls).toEqual([first, expect.not.stringContaining(second), third]);
    expect(await readAll(cluster)).toEqual(['kept', 'kept', 'kept']);
    await expect(ask(second, 'PING')).rejects.toThrow(/ECONNREFUSED/);

    await cluster.nodes[2]?.kill();
    await cluster.replaceNode(2);
    // An absent value has the length -1.
    expect(await readAll(cluster)).toEqual(['kept', 'kept', '-1']);
    await ask(cluster.urls[2] ?? '', 'SET', 'a', 'new');
    expect(await readAll(cluster)).toEqual(['kept', 'kept', 'new']);
  });

  it('has a node back after a kill and a restart', async () => {
    const cluster = await startRedisCluster({ onEnd: onTestFinished });
    await ask(cluster.urls[0] ?? '', 'SET', 'b', 'kept');
    await cluster.nodes[0]?.kill();
    await cluster.nodes[0]?.restart();
    await expect
      .poll(async () => ask(cluster.urls[0] ?? '', 'GET', 'b').catch(String), { timeout: 30_000 })
      .toBe('kept');
  });
});
