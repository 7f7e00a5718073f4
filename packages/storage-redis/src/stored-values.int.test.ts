import { deflateSync } from 'node:zlib';
import type { JsonValue } from '@sorcha/storage';
import { startRedis } from '@sorcha/test-servers';
import { afterAll, describe, expect, it, onTestFinished } from 'vitest';
import { openRedisCacheStore } from './open-redis-cache-store.ts';
import type { RedisCacheOptions } from './redis-cache-options.ts';
import { openRawClient } from './testing/open-raw-client.ts';

const server = await startRedis({ onEnd: afterAll });
let opened = 0;

async function open(options: RedisCacheOptions = {}) {
  opened += 1;
  const prefix = `values-${process.pid}-${opened}`;
  const store = await openRedisCacheStore({ url: server.url, prefix, ...options });
  onTestFinished(async () => store.close());
  const raw = await openRawClient(server.url, onTestFinished);
  return { store, raw, toStored: (key: string) => `${prefix}:${key}` };
}

const json = (text: string) => Buffer.from(`\u0001${text}`);
const deflated = (bytes: Uint8Array) => Buffer.concat([Buffer.of(2), bytes]);
const nested = (levels: number) => '['.repeat(levels) + ']'.repeat(levels);

const unreadable: readonly (readonly [name: string, bytes: Buffer])[] = [
  ['nothing', Buffer.of()],
  ['a text of another program', Buffer.from('{"a":1}')],
  ['a number of another program', Buffer.from('42')],
  ['a newer version', Buffer.from('\u0005{"a":1}')],
  ['bytes', Buffer.of(0xff, 0xfe, 0x00, 0x80)],
  ['no JSON', json('{"a":')],
  ['two values', json('1 2')],
  ['no UTF-8', Buffer.concat([json('"'), Buffer.of(0xc3, 0x28), Buffer.from('"')])],
  ['a member __proto__', json('{"__proto__":{"isAdmin":true}}')],
  ['a member __proto__, written otherwise', json(String.raw`[{"\u005f_proto__":1}]`)],
  ['a number beyond all bounds', json('[1e999]')],
  ['a lone surrogate', json(String.raw`"\ud800"`)],
  ['U+0000', json(String.raw`{"a":"\u0000"}`)],
  ['nesting that is too deep', json(nested(101))],
  ['nesting that is much too deep', json(nested(200_000))],
  ['no compressed data', deflated(Buffer.from('nonsense'))],
  ['compressed data that end early', deflated(deflateSync('"x"').subarray(0, 6))],
  [
    'compressed data with a flipped bit',
    deflated(deflateSync('"xxxxxxxx"').map((byte, at) => (at === 4 ? byte ^ 1 : byte))),
  ],
  ['compressed nonsense', deflated(deflateSync('nonsense'))],
  ['what grows to a gigabyte', deflated(deflateSync(Buffer.alloc(2 ** 26, 0x20)))],
  ['a lease before nothing', Buffer.from('\u0004\u0003abc1767225600000')],
  ['a lease before a lease', Buffer.from('\u0004\u0001a1767225600000\u0004\u0001a1767225600000\u00011')],
];

describe('what others wrote under our keys', () => {
  it.each(unreadable)('is a miss and is counted, can be written over and removed: %s', async (_, bytes) => {
    const { store, raw, toStored } = await open();
    await raw.ask('SET', toStored('a'), bytes);
    expect(await store.get('a')).toBeUndefined();
    expect(await store.getWithTtl('a')).toBeUndefined();
    expect(store.report().unreadable).toBe(2);
    expect(store.statistics()).toMatchObject({ hits: 0, misses: 2, errors: 0 });
    expect(await store.getOrSet('a', () => ({ made: true }))).toEqual({ made: true });
    expect(await store.get('a')).toEqual({ made: true });
    await raw.ask('SET', toStored('a'), bytes);
    await store.remove('a');
    expect(await raw.bytes(toStored('a'))).toBeUndefined();
    await raw.ask('SET', toStored('b'), bytes);
    await store.set('b', 1);
    expect(await store.get('b')).toBe(1);
  });

  it('keys that hold no text at all are a miss, too', async () => {
    const { store, raw, toStored } = await open();
    await raw.ask('LPUSH', toStored('list'), 'x');
    expect(await store.get('list')).toBeUndefined();
    expect(await store.exists('list')).toBe(false);
    expect(await store.getWithTtl('list')).toBeUndefined();
    expect(await store.increment('list')).toBe(1);
    await raw.ask('DEL', toStored('list'));
    await raw.ask('LPUSH', toStored('list'), 'x');
    expect(await store.getOrSet('list', () => 'made')).toBe('made');
    await raw.ask('HSET', toStored('hash'), 'a', '1');
    expect(await store.remove('hash')).toBe(false);
    expect(await raw.ask('EXISTS', toStored('hash'))).toBe(0);
    expect(store.statistics().errors).toBe(0);
  });

  it('a counter begins anew where something unreadable stood, and has a time to live', async () => {
    const { store, raw, toStored } = await open();
    for (const bytes of [Buffer.from('41'), json('{"a":'), Buffer.of(9, 9)]) {
      await raw.ask('SET', toStored('n'), bytes);
      expect(await store.increment('n', { ttlMs: 60_000 })).toBe(1);
      expect(await raw.ask('PTTL', toStored('n'))).toBeGreaterThan(50_000);
    }
  });

  it('keys whose names are no keys of a cache are left alone by patterns', async () => {
    const { store, raw, toStored } = await open();
    const foreign = [Buffer.from(toStored('a\n')), Buffer.concat([Buffer.from(toStored('b')), Buffer.of(0xff)])];
    for (const key of foreign) {
      await raw.ask('SET', key, json('1'));
    }
    await store.set('a', 1);
    expect(await store.removeByPattern('**')).toBe(1);
    expect(await raw.ask('EXISTS', ...foreign)).toBe(2);
  });
});

describe('what we write', () => {
  it('begins with a version byte and is JSON that anybody can read', async () => {
    const { store, raw, toStored } = await open();
    await store.set('a', { b: ['\u00e9', null] });
    expect(String(await raw.bytes(toStored('a')))).toBe('\u0001{"b":["\u00e9",null]}');
    await store.increment('n', { by: 41 });
    expect(String(await raw.bytes(toStored('n')))).toBe('\u000141');
  });

  it('always has a time to live', async () => {
    const { store, raw, toStored } = await open({ ttlMs: 5_000 });
    await store.set('default', 1);
    await store.set('own', 1, { ttlMs: 60_000 });
    await store.increment('counter');
    await store.getOrSet('made', () => 1);
    await store.lease('leased', 'token', { ttlMs: 4_000 });
    const left = async (key: string) => Number(await raw.ask('PTTL', toStored(key)));
    for (const key of ['default', 'counter', 'made', 'leased']) {
      expect(await left(key)).toBeGreaterThan(1_000);
      expect(await left(key)).toBeLessThanOrEqual(5_000);
    }
    expect(await left('own')).toBeGreaterThan(50_000);
  });

  it('is compressed above a size when that makes it smaller', async () => {
    const { store, raw, toStored } = await open({ compressAboveBytes: 100 });
    const long = { text: 'long '.repeat(1_000) };
    await store.set('long', long);
    await store.set('short', 'x'.repeat(98));
    const noise = Array.from({ length: 100 }, () =>
      String.fromCodePoint(0x4e00 + Math.floor(Math.random() * 20_000)),
    ).join('');
    await store.set('noise', noise);
    const bytes = await raw.bytes(toStored('long'));
    expect(bytes?.[0]).toBe(2);
    expect(bytes?.length).toBeLessThan(200);
    expect((await raw.bytes(toStored('short')))?.[0]).toBe(1);
    expect(await store.get('long')).toEqual(long);
    expect(await store.get('noise')).toBe(noise);
    expect(await store.getWithTtl('long')).toMatchObject({ value: long });
  });

  it('can be read by a store with other bounds', async () => {
    const { store, toStored } = await open({ compressAboveBytes: 0 });
    const [prefix = ''] = toStored('').split(':');
    const other = await openRedisCacheStore({ url: server.url, prefix, compressAboveBytes: 1_000_000 });
    onTestFinished(async () => other.close());
    const value: JsonValue = Array.from({ length: 500 }, (_, index) => ({ index }));
    await store.set('compressed', value);
    await other.set('plain', value);
    expect(await other.get('compressed')).toEqual(value);
    expect(await store.get('plain')).toEqual(value);
  });

  it('is huge, up to a bound', async () => {
    const { store } = await open({ maxValueBytes: 8_000_000, deadlineMs: 10_000 });
    const rows = Array.from({ length: 60_000 }, (_, index) => ({ index, name: `name ${index}`, at: index * 1.5 }));
    await store.set('rows', rows);
    expect(await store.get('rows')).toEqual(rows);
    await store.set('largest', 'x'.repeat(7_999_998));
    expect(await store.get('largest')).toHaveLength(7_999_998);
    await expect(store.set('rows', 'x'.repeat(7_999_999))).rejects.toMatchObject({ code: 'INVALID' });
    await expect(store.getOrSet('made', () => '\u00e9'.repeat(4_000_000))).rejects.toMatchObject({ code: 'INVALID' });
    expect(await store.get('rows')).toEqual(rows);
  });

  it('is not read when it is larger than the bound of the reader', async () => {
    const { store, toStored } = await open();
    const [prefix = ''] = toStored('').split(':');
    const other = await openRedisCacheStore({ url: server.url, prefix, maxValueBytes: 1_000 });
    onTestFinished(async () => other.close());
    await store.set('a', 'x'.repeat(10_000));
    expect(await other.get('a')).toBeUndefined();
    expect(other.report().unreadable).toBe(1);
  });
});

describe('a server whose scripts were flushed', () => {
  it('gets them again', async () => {
    const { store, raw } = await open();
    for (let turn = 1; turn <= 3; turn += 1) {
      await raw.ask('SCRIPT', 'FLUSH');
      expect(await store.increment('n')).toBe(turn);
    }
    await raw.ask('SCRIPT', 'FLUSH');
    const sums = await Promise.all(Array.from({ length: 100 }, async () => store.increment('n')));
    expect(sums.sort((a, b) => a - b)).toEqual(Array.from({ length: 100 }, (_, index) => index + 4));
    expect(store.statistics().errors).toBe(0);
  });
});
