import { describe, expect, it, onTestFinished } from 'vitest';
import { startRedisProcess } from './redis-process.ts';
import { startRedis } from './start-redis.ts';

const options = { onEnd: onTestFinished, faults: true };

describe('startRedis', () => {
  it('keeps what was acknowledged over kills, stops and a pause', async () => {
    const server = await startRedisProcess({}, options);
    await server.ask('SET', 'killed', 'kept');
    await server.kill();
    await expect(server.ask('PING')).rejects.toThrow(/ECONNREFUSED/);
    await server.restart();
    expect(await server.ask('GET', 'killed')).toBe('kept');
    await server.ask('SET', 'stopped', 'kept');
    await server.stop();
    await server.restart();
    expect(await server.ask('GET', 'stopped')).toBe('kept');
    await server.pause();
    const answer = server.ask('GET', 'stopped');
    await server.resume();
    expect(await answer).toBe('kept');
  });

  it('starts two at once that know nothing of each other', async () => {
    const [left, right] = await Promise.all([startRedisProcess({}, options), startRedisProcess({}, options)]);
    expect(left.url).not.toBe(right.url);
    await left.ask('SET', 'key', 'left');
    expect(await right.ask('EXISTS', 'key')).toBe('0');
  });

  it('takes settings, and puts the password into the url', async () => {
    const server = await startRedisProcess({ requirepass: 'p/ss:word', maxmemory: '7mb' }, options);
    expect(new URL(server.url).password).toBe(encodeURIComponent('p/ss:word'));
    expect(await server.ask('INFO', 'memory')).toContain('maxmemory:7340032\r');
  });

  it('says what is wrong with a setting', async () => {
    await expect(startRedisProcess({ maxmemory: 'plenty' }, options)).rejects.toThrow(/maxmemory "?plenty/);
  });

  it('uses the server of REDIS_URL, unharmed, when nothing else is asked for', async () => {
    const server = await startRedisProcess({}, options);
    process.env['REDIS_URL'] = server.url;
    onTestFinished(() => {
      delete process.env['REDIS_URL'];
    });
    const existing = await startRedis({ onEnd: onTestFinished });
    expect(existing).toMatchObject({ url: server.url, pid: undefined });
    await existing.stop();
    await expect(existing.kill()).rejects.toThrow(/faults: true/);
    expect(await server.ask('PING')).toBe('PONG');
    for (const own of [await startRedis(options), await startRedis({ onEnd: onTestFinished, config: {} })]) {
      expect(own.url).not.toBe(server.url);
    }
  });
});
