import { describe, expect, it } from 'vitest';
import type { CoordinatedCacheStore } from '../ports/coordinated-cache-store.ts';
import { type CacheFaults, createFaultyCoordinatedStore } from '../testing/create-faulty-cache-store.ts';
import { createMemoryCacheHub } from '../testing/create-memory-cache-hub.ts';
import { createManualTimers } from '../testing/manual-timers.ts';
import { createHotCache } from './create-hot-cache.ts';
import type { HotCache } from './hot-cache.ts';
import type { HotCacheOptions } from './hot-cache-options.ts';
import { createGate, expectFailure, openHotCache, outcomeOf, refusing } from './testing/open-hot-cache.ts';

const never = (): never => {
  throw new Error('The factory must not be asked.');
};

const changes: readonly (readonly [
  name: string,
  change: (cache: HotCache | CoordinatedCacheStore) => Promise<unknown>,
  after: unknown,
])[] = [
  ['set', async (cache) => cache.set('a:1', 'newer'), 'newer'],
  ['remove', async (cache) => cache.remove('a:1'), undefined],
  ['removeByPattern', async (cache) => cache.removeByPattern('a:*'), undefined],
  ['increment', async (cache) => cache.increment('a:1'), 1],
];

describe('hot cache: a change while a factory runs', () => {
  it.each(changes)('%s of the key keeps the older value of the factory out', async (_name, change, after) => {
    const { hot, timers } = openHotCache();
    const gate = createGate<string>();
    const waiting = hot.getOrSet('a:1', gate.factory);
    await timers.pass(0);
    await change(hot);
    gate.open('older');
    expect(await waiting).toBe('older');
    expect(await hot.get('a:1')).toBe(after);
    expect(hot.report().outdated).toBe(1);
  });

  it.each(changes)('%s that is lost in an outage keeps it out, too', async (name, change) => {
    const { hot, setFaults, timers } = openHotCache();
    const gate = createGate<string>();
    const waiting = hot.getOrSet('a:1', gate.factory);
    await timers.pass(0);
    setFaults(refusing);
    await (name === 'increment' ? expect(change(hot)).rejects.toMatchObject({ code: 'UNAVAILABLE' }) : change(hot));
    setFaults(undefined);
    gate.open('older');
    expect(await waiting).toBe('older');
    await timers.pass(10_000);
    expect(await hot.get('a:1')).toBeUndefined();
  });

  it('who comes after the change does not join the older call', async () => {
    const { hot, timers } = openHotCache();
    const gate = createGate<string>();
    const waiting = hot.getOrSet('a', gate.factory);
    await timers.pass(0);
    await hot.remove('a');
    expect(await hot.getOrSet('a', () => 'newer')).toBe('newer');
    gate.open('older');
    await waiting;
    expect(await hot.get('a')).toBe('newer');
  });

  it('a write of the factory that is already on its way is overtaken by no change', async () => {
    const { hot, memory, setFaults, timers } = openHotCache();
    setFaults((call) => (call === 'set' ? { doneAfterMs: 100 } : undefined));
    const waiting = hot.getOrSet('a', () => 'older');
    await timers.pass(10);
    setFaults(undefined);
    const removed = hot.remove('a');
    await timers.pass(90);
    expect([await waiting, await removed]).toEqual(['older', true]);
    expect(await memory.get('a')).toBeUndefined();
  });

  it('nor by a removal by pattern', async () => {
    const { hot, memory, setFaults, timers } = openHotCache();
    setFaults((call) => (call === 'set' ? { doneAfterMs: 100 } : undefined));
    const waiting = hot.getOrSet('a:1', () => 'older');
    await timers.pass(10);
    const removed = hot.removeByPattern('a:*');
    await timers.pass(90);
    expect([await waiting, await removed]).toEqual(['older', 1]);
    expect(await memory.get('a:1')).toBeUndefined();
  });

  it('a write of the factory that is lost and lands after a change is removed', async () => {
    const { hot, memory, setFaults, timers } = openHotCache({ deadlineMs: 100 });
    setFaults((call) =>
      call === 'set' ? { code: 'OUTCOME_UNKNOWN', isDone: true, doneAfterMs: 90, answerAfterMs: 50 } : undefined,
    );
    const waiting = hot.getOrSet('a', () => 'older');
    await timers.pass(50);
    expect(await waiting).toBe('older');
    setFaults(undefined);
    await hot.remove('a');
    for (let passed = 0; passed < 1_000; passed += 10) {
      await timers.pass(10);
      expect(await hot.get('a')).toBeUndefined();
    }
    expect(await memory.exists('a')).toBe(false);
  });

  it('an outage that begins while the factory runs costs only the keeping', async () => {
    const { hot, setFaults, timers } = openHotCache();
    const gate = createGate<string>();
    const waiting = Promise.all([hot.getOrSet('a', gate.factory), hot.getOrSet('a', never)]);
    await timers.pass(0);
    setFaults(refusing);
    gate.open('value');
    expect(await waiting).toEqual(['value', 'value']);
    setFaults(undefined);
    expect(await hot.get('a')).toBeUndefined();
  });
});

/** Two processes that use one cache. */
function openTwo(options: HotCacheOptions = {}) {
  const timers = createManualTimers();
  const hub = createMemoryCacheHub({ clock: timers });
  let current: CacheFaults | undefined;
  const open = (faults: CacheFaults) =>
    createHotCache(createFaultyCoordinatedStore(hub.open(), { timers, faults }), { timers, ...options });
  const here = open((call, key) => current?.(call, key));
  const there = open(() => undefined);
  return {
    timers,
    here,
    there,
    setFaultsHere: (faults: CacheFaults | undefined) => {
      current = faults;
    },
  };
}

describe('hot cache: several processes on one store', () => {
  it('a cold key is made once, whoever asks', async () => {
    const timers = createManualTimers();
    const hub = createMemoryCacheHub({ clock: timers });
    const caches = Array.from({ length: 4 }, () => createHotCache(hub.open(), { timers }));
    const gate = createGate<{ n: number }>();
    const waiting = Array.from({ length: 1_000 }, async (_, index) => caches[index % 4]?.getOrSet('a', gate.factory));
    await timers.pass(500);
    gate.open({ n: 1 });
    await timers.pass(100);
    const values = await Promise.all(waiting);
    expect(gate.calls()).toBe(1);
    expect(new Set(values).size).toBe(1_000);
    expect(values.every((value) => value?.n === 1)).toBe(true);
  });

  it.each(changes)('%s by another process keeps the older value of a factory out', async (_name, change, after) => {
    const { here, there, timers } = openTwo();
    const gate = createGate<string>();
    const waiting = here.getOrSet('a:1', gate.factory);
    await timers.pass(0);
    await change(there);
    gate.open('older');
    expect(await waiting).toBe('older');
    expect([await here.get('a:1'), await there.get('a:1')]).toEqual([after, after]);
    expect(here.report().outdated).toBe(1);
  });

  it('who asked after the change of another process gets nothing older, though it joined', async () => {
    const { here, there, timers } = openTwo();
    const gate = createGate<string>();
    const before = here.getOrSet('a', gate.factory);
    await timers.pass(0);
    await there.remove('a');
    const after = here.getOrSet('a', () => 'newer');
    await timers.pass(0);
    gate.open('older');
    await timers.pass(100);
    expect([await before, await after]).toEqual(['older', 'newer']);
    expect(await there.get('a')).toBe('newer');
  });

  it('however many joined what turned out too old, one factory makes it anew for all of them', async () => {
    const { here, there, timers, setFaultsHere } = openTwo();
    const gates = [createGate<string>(), createGate<string>()];
    let calls = 0;
    const factory = async () => {
      calls += 1;
      return (await gates[calls - 1]?.factory()) ?? 'one call too many';
    };
    // No lease is granted here, so no value is ever confirmed.
    setFaultsHere((call) => (call === 'lease' ? { code: 'UNAVAILABLE' } : undefined));
    const first = here.getOrSet('a', factory);
    await timers.pass(0);
    await there.remove('a');
    const waiting = Array.from({ length: 100 }, async () => here.getOrSet('a', factory));
    await timers.pass(0);
    gates[0]?.open('older');
    await timers.pass(0);
    gates[1]?.open('newer');
    await timers.pass(0);
    expect(await first).toBe('older');
    expect(new Set(await Promise.all(waiting))).toEqual(new Set(['newer']));
    expect(calls).toBe(2);
  });

  it('a factory that fails lets another process try', async () => {
    const { here, there, timers } = openTwo();
    const gate = createGate<string>();
    const failing = here.getOrSet('a', gate.factory);
    await timers.pass(0);
    const waiting = there.getOrSet('a', () => 'made there');
    await timers.pass(20);
    expect(await outcomeOf(waiting)).toBe('waiting');
    gate.fail(new RangeError('the source is away'));
    await expect(failing).rejects.toThrow(RangeError);
    await timers.pass(100);
    expect(await waiting).toBe('made there');
  });

  it('a process that ends while its factory runs holds the others up for the time of the lease', async () => {
    const { here, there, timers } = openTwo({ leaseMs: 2_000 });
    void here.getOrSet('a', createGate<string>().factory);
    await timers.pass(0);
    const waiting = there.getOrSet('a', () => 'made there');
    await timers.pass(1_900);
    expect(await outcomeOf(waiting)).toBe('waiting');
    await timers.pass(200);
    expect(await waiting).toBe('made there');
  });

  it('a value whose lease ended while it was made is returned and not kept', async () => {
    const { here, there, timers } = openTwo({ leaseMs: 1_000 });
    const gate = createGate<string>();
    const slow = here.getOrSet('a', gate.factory);
    await timers.pass(1_100);
    expect(await there.getOrSet('a', () => 'second')).toBe('second');
    gate.open('first');
    await timers.pass(100);
    expect(await slow).toBe('first');
    expect(await here.get('a')).toBe('second');
  });

  it('the hard timeout counts while another process makes the value, too', async () => {
    const { here, there, timers } = openTwo({ factoryHardTimeoutMs: 300, leaseMs: 5_000 });
    void here.getOrSet('a', createGate<string>().factory).catch(() => undefined);
    await timers.pass(0);
    const waiting = expectFailure(there.getOrSet('a', never));
    await timers.pass(300);
    expect(await outcomeOf(waiting)).toMatchObject({ code: 'TIMEOUT' });
  });

  it('a value in its time of grace is served while another process makes a new one', async () => {
    const { here, there, timers } = openTwo({ ttlMs: 100, graceMs: 60_000, factorySoftTimeoutMs: 50 });
    await here.set('a', 'old');
    timers.advance(200);
    const gate = createGate<string>();
    const first = here.getOrSet('a', gate.factory);
    const second = there.getOrSet('a', never);
    await timers.pass(50);
    expect([await first, await second]).toEqual(['old', 'old']);
    gate.open('new');
    await timers.pass(90);
    expect(await there.get('a')).toBe('new');
  });

  it('without a lease, because the store does not answer, the value is made and not kept', async () => {
    const { here, there, setFaultsHere } = openTwo();
    setFaultsHere((call) => (call === 'lease' ? { code: 'UNAVAILABLE' } : undefined));
    expect(await here.getOrSet('a', () => 'made')).toBe('made');
    expect(await there.get('a')).toBeUndefined();
  });

  it('a lease whose grant was lost is given back', async () => {
    const { here, there, timers, setFaultsHere } = openTwo();
    setFaultsHere((call) => (call === 'lease' ? { code: 'OUTCOME_UNKNOWN', isDone: true } : undefined));
    expect(await here.getOrSet('a', () => 'made')).toBe('made');
    await timers.pass(0);
    const waiting = there.getOrSet('a', () => 'made there');
    await timers.pass(0);
    expect(await outcomeOf(waiting)).toBe('made there');
  });

  it('a change that was lost in an outage here is removed for everybody when it ends', async () => {
    const { here, there, timers, setFaultsHere } = openTwo();
    await there.set('a', 'old');
    setFaultsHere(refusing);
    await here.set('a', 'new');
    expect(await there.get('a')).toBe('old');
    setFaultsHere(undefined);
    await timers.pass(500);
    expect(await there.get('a')).toBeUndefined();
  });

  it('closing while another process makes the value ends the wait with CLOSED', async () => {
    const { here, there, timers } = openTwo();
    void here.getOrSet('a', createGate<string>().factory);
    await timers.pass(0);
    const waiting = expectFailure(there.getOrSet('a', never));
    await timers.pass(0);
    await there.close();
    await timers.pass(100);
    expect(await outcomeOf(waiting)).toMatchObject({ code: 'CLOSED' });
  });
});
