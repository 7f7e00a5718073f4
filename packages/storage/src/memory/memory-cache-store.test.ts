import { describe, expect, it } from 'vitest';
import { createManualClock } from '../testing/manual-clock.ts';
import { createMemoryCacheStore } from './memory-cache-store.ts';

/** A factory that answers when it is told to. */
function createGate() {
  const gate = Promise.withResolvers<string>();
  let calls = 0;
  const factory = async () => {
    calls += 1;
    return gate.promise;
  };
  return { factory, open: gate.resolve, fail: gate.reject, calls: () => calls };
}

describe('memory cache: what changes while a factory runs', () => {
  it.each([
    ['set', async (cache: ReturnType<typeof createMemoryCacheStore>) => cache.set('a:1', 'newer'), 'newer'],
    ['remove', async (cache: ReturnType<typeof createMemoryCacheStore>) => cache.remove('a:1'), undefined],
    [
      'removeByPattern',
      async (cache: ReturnType<typeof createMemoryCacheStore>) => cache.removeByPattern('a:*'),
      undefined,
    ],
    ['increment', async (cache: ReturnType<typeof createMemoryCacheStore>) => cache.increment('a:1'), 1],
  ])('%s of the key keeps the older value of the factory out', async (_name, change, after) => {
    const cache = createMemoryCacheStore();
    const gate = createGate();
    const waiting = cache.getOrSet('a:1', gate.factory);
    await change(cache);
    gate.open('older');
    expect(await waiting).toBe('older');
    expect(await cache.get('a:1')).toBe(after);
  });

  it('a caller that comes after a removal does not join the older call', async () => {
    const cache = createMemoryCacheStore();
    const gate = createGate();
    const waiting = cache.getOrSet('a', gate.factory);
    await cache.remove('a');
    expect(await cache.getOrSet('a', () => 'newer')).toBe('newer');
    gate.open('older');
    await waiting;
    expect(await cache.get('a')).toBe('newer');
  });

  it('a change of another key lets the value be kept', async () => {
    const cache = createMemoryCacheStore();
    const gate = createGate();
    const waiting = cache.getOrSet('a', gate.factory);
    await cache.removeByPattern('b');
    await cache.set('c', 1);
    gate.open('kept');
    await waiting;
    expect(await cache.get('a')).toBe('kept');
  });

  it('closing the store keeps the value out and still answers the caller', async () => {
    const cache = createMemoryCacheStore();
    const gate = createGate();
    const waiting = cache.getOrSet('a', gate.factory);
    await cache.close();
    gate.open('value');
    expect(await waiting).toBe('value');
    expect(cache.statistics().sets).toBe(0);
  });
});

describe('memory cache: the bound', () => {
  it('drops the least recently used entry and counts it', async () => {
    const cache = createMemoryCacheStore({ maxEntries: 2 });
    await cache.set('a', 1);
    await cache.set('b', 1);
    await cache.get('a');
    await cache.set('c', 1);
    expect([await cache.exists('a'), await cache.exists('b'), await cache.exists('c')]).toEqual([true, false, true]);
    expect(cache.statistics().evictions).toBe(1);
  });

  it('counts neither replaced nor expired entries as evicted', async () => {
    const clock = createManualClock();
    const cache = createMemoryCacheStore({ maxEntries: 1, ttlMs: 10, clock });
    await cache.set('a', 1);
    await cache.set('a', 2);
    clock.advance(10);
    await cache.set('b', 1);
    expect(cache.statistics().evictions).toBe(0);
  });

  it('refuses bounds that are none', () => {
    expect(() => createMemoryCacheStore({ maxEntries: 0 })).toThrow(expect.objectContaining({ code: 'INVALID' }));
    expect(() => createMemoryCacheStore({ ttlMs: 0.5 })).toThrow(expect.objectContaining({ code: 'INVALID' }));
  });
});

interface Session {
  readonly user: string;
  readonly roles: readonly string[];
}

it('keeps what is declared as an interface, and gives it back as one', async () => {
  const cache = createMemoryCacheStore();
  const session: Session = { user: 'a', roles: ['r'] };
  await cache.set('session', session);
  const read = await cache.get<Session>('session');
  const made = await cache.getOrSet('other', () => session);
  expect([read?.roles[0], made.user]).toEqual(['r', 'a']);
});

describe('memory cache: time to live', () => {
  it('an entry ends with its last millisecond and is a miss from then on', async () => {
    const clock = createManualClock();
    const cache = createMemoryCacheStore({ ttlMs: 100, clock });
    await cache.set('a', null);
    clock.advance(99);
    expect(await cache.get('a')).toBeNull();
    clock.advance(1);
    expect(await cache.get('a')).toBeUndefined();
    expect(await cache.remove('a')).toBe(false);
    expect(cache.statistics()).toMatchObject({ hits: 1, misses: 1, removals: 0 });
  });

  it('a value made by a factory lives from the moment it was written', async () => {
    const clock = createManualClock();
    const cache = createMemoryCacheStore({ clock });
    const gate = createGate();
    const waiting = cache.getOrSet('a', gate.factory, { ttlMs: 100 });
    clock.advance(150);
    gate.open('value');
    await waiting;
    clock.advance(99);
    expect(await cache.exists('a')).toBe(true);
  });
});
