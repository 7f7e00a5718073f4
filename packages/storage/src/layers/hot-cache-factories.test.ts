import { describe, expect, it } from 'vitest';
import { untyped } from '../conformance/untyped.ts';
import { createGate, expectFailure, openHotCache, outcomeOf, refusing } from './testing/open-hot-cache.ts';

const failing = async () => {
  throw new RangeError('the source is away');
};
const never = (): never => {
  throw new Error('The factory must not be asked.');
};

describe('hot cache: grace', () => {
  it('a value past its time to live is a miss, and is served when the factory fails, until its time of grace ends', async () => {
    const { hot, timers } = openHotCache({ ttlMs: 100, graceMs: 1_000, factoryPauseMs: 0 });
    await hot.getOrSet('a', () => ({ made: 1 }));
    timers.advance(100);
    expect([await hot.get('a'), await hot.exists('a')]).toEqual([undefined, false]);
    expect(await hot.getOrSet('a', failing)).toEqual({ made: 1 });
    timers.advance(999);
    expect(await hot.getOrSet('a', failing)).toEqual({ made: 1 });
    timers.advance(1);
    await expect(hot.getOrSet('a', failing)).rejects.toThrow(RangeError);
    expect(hot.report()).toMatchObject({ staleServed: 2, factoryFailures: 3, factoryCalls: 4 });
  });

  it('a factory that works replaces the value, with a time of its own', async () => {
    const { hot, timers } = openHotCache({ ttlMs: 100, graceMs: 1_000 });
    await hot.getOrSet('a', () => 1);
    timers.advance(600);
    expect(await hot.getOrSet('a', () => 2)).toBe(2);
    timers.advance(99);
    expect(await hot.get('a')).toBe(2);
  });

  it('also for values that were set, and only for those that say so', async () => {
    const { hot, timers } = openHotCache({ ttlMs: 100 });
    await hot.set('a', [1], { graceMs: 50 });
    await hot.set('b', [1]);
    timers.advance(120);
    expect(await hot.getOrSet('a', failing)).toEqual([1]);
    await expect(hot.getOrSet('b', failing)).rejects.toThrow(RangeError);
  });

  it('a value as deep as can be, and one that looks like what is kept, come back as they were', async () => {
    const { hot, timers } = openHotCache({ graceMs: 1_000, ttlMs: 100, factoryPauseMs: 0 });
    let deep: unknown = 1;
    for (let level = 1; level < 100; level += 1) {
      deep = [deep];
    }
    const texts = ['sorcha-grace/1:0:1:{}', 'sorcha-grace/1:', '', '"'];
    for (const value of [deep, null, false, 0, ...texts]) {
      await hot.set('a', untyped(value));
      await hot.set('b', untyped(value), { graceMs: 0 });
      expect(await hot.get('a')).toEqual(value);
      expect(await hot.get('b')).toEqual(value);
      timers.advance(150);
      expect(await hot.getOrSet('a', failing)).toEqual(value);
    }
  });

  it('what somebody else wrote in its place is a miss', async () => {
    const { hot, memory } = openHotCache();
    for (const foreign of ['sorcha-grace/1:x', 'sorcha-grace/1:1:2', 'sorcha-grace/1:9999999999999:9999999999999:{']) {
      await memory.set('a', foreign);
      expect(await hot.get('a')).toBeUndefined();
      expect(await hot.getOrSet('a', () => 'made')).toBe('made');
    }
  });

  it('after a failure the factory is left alone for a while, and a change ends that', async () => {
    const { hot, timers } = openHotCache({ ttlMs: 100, graceMs: 60_000, factoryPauseMs: 1_000 });
    await hot.set('a', 'old');
    timers.advance(200);
    expect(await hot.getOrSet('a', failing)).toBe('old');
    await timers.pass(999);
    expect(await hot.getOrSet('a', never)).toBe('old');
    await timers.pass(1);
    expect(await hot.getOrSet('a', failing)).toBe('old');
    await hot.remove('a');
    expect(await hot.getOrSet('a', () => 'new')).toBe('new');
  });

  it('a removed value is not served while the factory is left alone', async () => {
    const { hot, memory, timers } = openHotCache({ ttlMs: 100, graceMs: 60_000 });
    await hot.set('a', 'old');
    timers.advance(200);
    await hot.getOrSet('a', failing);
    await memory.remove('a');
    expect(await hot.getOrSet('a', () => 'new')).toBe('new');
  });

  it('an entry in its time of grace is removed as one that is there, and is not counted on', async () => {
    const { hot, timers } = openHotCache({ ttlMs: 100, graceMs: 60_000 });
    await hot.set('a', 1);
    await hot.set('b', 1);
    await expect(hot.increment('a')).rejects.toMatchObject({ code: 'INVALID' });
    timers.advance(200);
    expect([await hot.remove('a'), await hot.removeByPattern('*')]).toEqual([true, 1]);
  });
});

describe('hot cache: slow factories', () => {
  it('soft timeout: who has a value in its time of grace gets that, and the factory goes on and lands', async () => {
    const { hot, timers } = openHotCache({ ttlMs: 100, graceMs: 60_000, factorySoftTimeoutMs: 50 });
    await hot.set('a', 'old');
    timers.advance(200);
    const gate = createGate<string>();
    const waiting = hot.getOrSet('a', gate.factory);
    await timers.pass(49);
    expect(await outcomeOf(waiting)).toBe('waiting');
    await timers.pass(1);
    expect(await outcomeOf(waiting)).toBe('old');
    expect(await hot.getOrSet('a', never)).toBe('old');
    gate.open('new');
    await timers.pass(0);
    expect(await hot.getOrSet('a', never)).toBe('new');
    expect(hot.report()).toMatchObject({ staleServed: 2, factoryCalls: 1, factoryTimeouts: 1, joined: 1 });
  });

  it('soft timeout: without a value in its time of grace it means nothing', async () => {
    const { hot, timers } = openHotCache({ factorySoftTimeoutMs: 50 });
    const gate = createGate<string>();
    const waiting = hot.getOrSet('a', gate.factory);
    await timers.pass(10_000);
    expect(await outcomeOf(waiting)).toBe('waiting');
    gate.open('value');
    expect(await waiting).toBe('value');
  });

  it('hard timeout: the call fails with TIMEOUT, and the factory goes on and lands', async () => {
    const { hot, timers } = openHotCache({ factoryHardTimeoutMs: 500 });
    const gate = createGate<string>();
    const waiting = expectFailure(hot.getOrSet('a', gate.factory));
    await timers.pass(499);
    const joined = expectFailure(hot.getOrSet('a', never));
    await timers.pass(1);
    expect(await outcomeOf(waiting)).toMatchObject({ code: 'TIMEOUT' });
    expect(await outcomeOf(joined)).toMatchObject({ code: 'TIMEOUT' });
    gate.open('late');
    await timers.pass(0);
    expect(await hot.get('a')).toBe('late');
  });

  it('hard timeout: who comes after it gets a factory of its own, whose value stays', async () => {
    const { hot, timers } = openHotCache({ factoryHardTimeoutMs: 500 });
    const hung = createGate<string>();
    const waiting = expectFailure(hot.getOrSet('a', hung.factory));
    await timers.pass(500);
    expect(await outcomeOf(waiting)).toMatchObject({ code: 'TIMEOUT' });
    expect(await hot.getOrSet('a', () => 'second')).toBe('second');
    hung.open('first');
    await timers.pass(0);
    expect(await hot.get('a')).toBe('second');
  });

  it('hard timeout: a value in its time of grace is served instead', async () => {
    const { hot, timers } = openHotCache({ ttlMs: 100, graceMs: 300, factoryHardTimeoutMs: 50 });
    await hot.set('a', 'old');
    timers.advance(200);
    const waiting = hot.getOrSet('a', createGate<string>().factory);
    await timers.pass(50);
    expect(await outcomeOf(waiting)).toBe('old');
  });

  it('a value whose time of grace ended while the factory ran is not served', async () => {
    const { hot, timers } = openHotCache({ ttlMs: 100, graceMs: 100, factorySoftTimeoutMs: 150 });
    await hot.set('a', 'old');
    timers.advance(100);
    const gate = createGate<string>();
    const waiting = hot.getOrSet('a', gate.factory);
    await timers.pass(150);
    expect(await outcomeOf(waiting)).toBe('waiting');
    gate.fail(new RangeError('too late'));
    await expect(waiting).rejects.toThrow(RangeError);
  });
});

describe('hot cache: what is kept', () => {
  it('null is a value, unless it is not to be kept', async () => {
    const { hot } = openHotCache();
    expect(await hot.getOrSet('a', () => null)).toBeNull();
    expect(await hot.getOrSet('a', never)).toBeNull();
    expect(await hot.getOrSet('b', () => null, { cacheNull: false })).toBeNull();
    expect(await hot.getOrSet('b', () => 1)).toBe(1);
  });

  it('undefined from a factory is refused, also when there is a value in its time of grace', async () => {
    const { hot, timers } = openHotCache({ ttlMs: 100, graceMs: 1_000 });
    await hot.set('a', 'old');
    timers.advance(200);
    const nothing = () => untyped<string>(undefined);
    await expect(hot.getOrSet('a', nothing)).rejects.toMatchObject({ code: 'INVALID' });
    await expect(hot.getOrSet('b', nothing)).rejects.toMatchObject({ code: 'INVALID' });
  });

  it('jitter ends an entry earlier, never later', async () => {
    const random = { next: 0 };
    const { hot, timers } = openHotCache({ ttlMs: 1_000, jitter: 0.2, random: () => random.next });
    await hot.set('full', 1);
    random.next = 0.5;
    await hot.getOrSet('half', () => 1);
    random.next = 0.999;
    await hot.set('short', 1);
    const left = async () => [await hot.exists('full'), await hot.exists('half'), await hot.exists('short')];
    timers.advance(799);
    expect(await left()).toEqual([true, true, true]);
    timers.advance(2);
    expect(await left()).toEqual([true, true, false]);
    timers.advance(99);
    expect(await left()).toEqual([true, false, false]);
    timers.advance(100);
    expect(await left()).toEqual([false, false, false]);
  });

  it.each([
    { jitter: 1.1 },
    { jitter: Number.NaN },
    { graceMs: -1 },
    { ttlMs: 0 },
    { deadlineMs: 0 },
    { deadlineMs: 2 ** 31 },
    { breakerFailures: 0 },
    { breakMs: 0.5 },
    { factorySoftTimeoutMs: 0 },
    { factoryHardTimeoutMs: Number.NaN },
    { factoryPauseMs: -1 },
    { leaseMs: 0 },
    { maxDistrustedKeys: 0 },
    { countDuringOutage: untyped<'fail'>('perhaps') },
  ])('refuses %o', (options) => {
    expect(() => openHotCache(options)).toThrow(expect.objectContaining({ code: 'INVALID' }));
  });

  it.each([{ graceMs: -1 }, { factorySoftTimeoutMs: 0 }, { factoryHardTimeoutMs: 0.5 }])(
    'a call with %o is refused before anything happens',
    async (options) => {
      const { hot, asked } = openHotCache();
      await expect(hot.getOrSet('a', never, options)).rejects.toMatchObject({ code: 'INVALID' });
      expect(asked).toEqual([]);
    },
  );
});

describe('hot cache: callers who give up, and the end', () => {
  it('who gives up leaves the factory to the others, also when nobody else waits', async () => {
    const { hot, timers } = openHotCache();
    const gate = createGate<string>();
    const abort = new AbortController();
    const waiting = hot.getOrSet('a', gate.factory, { signal: abort.signal });
    await timers.pass(0);
    abort.abort();
    await expect(waiting).rejects.toMatchObject({ code: 'TIMEOUT' });
    gate.open('value');
    await timers.pass(0);
    expect(await hot.get('a')).toBe('value');
  });

  it('a factory that fails after everybody gave up disturbs nobody', async () => {
    const { hot, timers } = openHotCache();
    const gate = createGate<string>();
    const abort = new AbortController();
    const waiting = hot.getOrSet('a', gate.factory, { signal: abort.signal });
    await timers.pass(0);
    abort.abort();
    await expect(waiting).rejects.toMatchObject({ code: 'TIMEOUT' });
    gate.fail(new Error('nobody hears this'));
    await timers.pass(10);
    expect(await hot.getOrSet('a', () => 1)).toBe(1);
  });

  it('a change that its caller gave up is made all the same, and remembered when it is lost', async () => {
    const { hot, setFaults, timers } = openHotCache();
    await hot.set('a', 'old');
    setFaults(() => ({ code: 'TIMEOUT', answerAfterMs: 100 }));
    const abort = new AbortController();
    const waiting = hot.remove('a', { signal: abort.signal });
    abort.abort();
    await expect(waiting).rejects.toMatchObject({ code: 'TIMEOUT' });
    await timers.pass(100);
    setFaults(undefined);
    expect(await hot.get('a')).toBeUndefined();
  });

  it('closing while a factory runs answers who waits and keeps nothing', async () => {
    const { hot, memory, timers } = openHotCache({ factoryHardTimeoutMs: 100 });
    const gate = createGate<string>();
    const waiting = hot.getOrSet('a', gate.factory);
    await timers.pass(0);
    await hot.close();
    gate.open('value');
    expect(await waiting).toBe('value');
    await timers.pass(60_000);
    await expect(memory.get('a')).rejects.toMatchObject({ code: 'CLOSED' });
    await expect(hot.getOrSet('a', never)).rejects.toMatchObject({ code: 'CLOSED' });
    expect(hot.report().sets).toBe(0);
  });

  it('closing during an outage ends the probes and the removals', async () => {
    const { hot, setFaults, timers, asked } = openHotCache();
    setFaults(refusing);
    for (let index = 0; index < 9; index += 1) {
      await hot.set(`k:${index}`, index);
    }
    await hot.close();
    const before = asked.length;
    await timers.pass(600_000);
    expect(asked.length).toBe(before);
  });

  it('measures how long the store and the factories took', async () => {
    const { hot, setFaults, timers } = openHotCache();
    setFaults(() => ({ answerAfterMs: 10 }));
    const gate = createGate<number>();
    const waiting = hot.getOrSet('a', gate.factory);
    await timers.pass(120);
    gate.open(1);
    await timers.pass(10);
    await waiting;
    const { storeLatency, factoryLatency } = hot.report();
    expect(storeLatency.count).toBe(3);
    expect(storeLatency.p99Ms).toBeCloseTo(10, 0);
    expect(factoryLatency).toMatchObject({ count: 1 });
    expect(factoryLatency.p50Ms).toBeCloseTo(100, -1);
  });
});
