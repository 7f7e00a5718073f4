import { startRedis } from '@sorcha/test-servers';
import { afterAll, describe, expect, it, onTestFinished } from 'vitest';
import { openRedisCacheStore } from './open-redis-cache-store.ts';
import { openRawClient } from './testing/open-raw-client.ts';

const server = await startRedis({ onEnd: afterAll, config: {} });

/** Prefixes that would meet others if they were used as they are: as globs, as parts of keys, as hash tags. */
const prefixes = [
  'a',
  'a:b',
  'a:',
  'a*',
  '*',
  'a?',
  '?',
  'a[bc]',
  '[',
  '\\',
  'a\\*',
  '{a}',
  '{}',
  'a{',
  '%',
  'a%3Ab',
  '^',
  '\u00e9',
  '\u{1f600}',
];

describe('caches with different prefixes', () => {
  it('never see each other, also by patterns', async () => {
    const stores = await Promise.all(prefixes.map(async (prefix) => openRedisCacheStore({ url: server.url, prefix })));
    onTestFinished(async () => {
      await Promise.all(stores.map(async (store) => store.close()));
    });
    const keys = ['x', 'b', 'b:x', ':x', '*', '}x', '{a}x', 'a*b', 'a[b]', 'a\\b'];
    for (const [index, store] of stores.entries()) {
      for (const key of keys) {
        expect(await store.get(key)).toBeUndefined();
        await store.set(key, index);
      }
    }
    for (const [index, store] of stores.entries()) {
      expect(await Promise.all(keys.map(async (key) => store.get(key)))).toEqual(keys.map(() => index));
    }
    for (const store of stores) {
      expect(await store.removeByPattern('**')).toBe(keys.length);
      expect(await store.removeByPattern('**')).toBe(0);
    }
    const raw = await openRawClient(server.url, onTestFinished);
    expect(await raw.ask('DBSIZE')).toBe(0);
  });

  it.each([
    ['an empty text', ''],
    ['65 characters', 'x'.repeat(65)],
    ['a line end', 'a\n'],
    ['U+0000', 'a\u0000'],
    ['a lone surrogate', '\ud800'],
    ['a number', 1],
    ['null', null],
  ])('a prefix is refused: %s', async (_, prefix) => {
    const options = { url: server.url, prefix };
    // @ts-expect-error some are no texts
    await expect(openRedisCacheStore(options)).rejects.toMatchObject({ code: 'INVALID' });
  });
});

describe('removing by pattern', () => {
  it('keeps keys of other programs on the same server', async () => {
    const raw = await openRawClient(server.url, onTestFinished);
    const store = await openRedisCacheStore({ url: server.url, prefix: 'own' });
    onTestFinished(async () => store.close());
    const foreign = ['own', 'ownx', 'xown:a', 'OWN:a', 'other:own:a'];
    for (const key of foreign) {
      await raw.ask('SET', key, '1');
    }
    await store.set('a', 1);
    expect(await store.removeByPattern('**')).toBe(1);
    expect(await raw.ask('EXISTS', ...foreign)).toBe(foreign.length);
    await raw.ask('DEL', ...foreign);
  });

  it('finds few among many in bounded steps, and ends within its deadline', async () => {
    const store = await openRedisCacheStore({ url: server.url, prefix: 'many' });
    onTestFinished(async () => store.close());
    for (let start = 0; start < 50_000; start += 5_000) {
      await Promise.all(Array.from({ length: 5_000 }, async (_, index) => store.set(`user:${start + index}:name`, 1)));
    }
    await store.set('team:1', 1);
    expect(await store.removeByPattern('team:*')).toBe(1);
    expect(await store.removeByPattern('user:1*:*')).toBe(11_111);
    const impatient = await openRedisCacheStore({ url: server.url, prefix: 'many', sweepDeadlineMs: 10 });
    onTestFinished(async () => impatient.close());
    await expect(impatient.removeByPattern('nothing:*:*')).rejects.toMatchObject({ code: 'TIMEOUT' });
    await expect(impatient.removeByPattern('**')).rejects.toMatchObject({ code: 'OUTCOME_UNKNOWN' });
    expect(await store.removeByPattern('**')).toBeGreaterThan(0);
    expect(await store.removeByPattern('**')).toBe(0);
  });

  it('takes patterns with many wildcards without work for the server', async () => {
    const store = await openRedisCacheStore({ url: server.url, prefix: 'wild', deadlineMs: 2_000 });
    onTestFinished(async () => store.close());
    const key = `${'a'.repeat(8)}:`.repeat(40);
    await Promise.all(Array.from({ length: 500 }, async (_, index) => store.set(`${key}${index}`, 1)));
    const pattern = `${'a*:'.repeat(40)}x*`;
    const startedAt = performance.now();
    expect(await store.removeByPattern(pattern)).toBe(0);
    expect(performance.now() - startedAt).toBeLessThan(1_000);
    expect(await store.removeByPattern(`${'a*:'.repeat(40)}1*`)).toBe(111);
  });
});
