import { describe, expect, it } from 'vitest';
import type { HotCache } from './hot-cache.ts';
import { openHotCache, refusing, silent, trip } from './testing/open-hot-cache.ts';

const never = (): never => {
  throw new Error('The factory must not be asked.');
};

describe('hot cache: while the store is out', () => {
  it.each([
    ['it refuses', refusing],
    ['it does not answer', silent],
  ])('reads are misses that go to the factory, changes are accepted: %s', async (_name, faults) => {
    const { hot, setFaults, timers } = openHotCache();
    await hot.set('a', 'old');
    setFaults(faults);
    const calls = Promise.all([
      hot.get('a'),
      hot.exists('a'),
      hot.getOrSet('b', () => 'made'),
      hot.set('a', 'new'),
      hot.remove('c'),
      hot.removeByPattern('d:*'),
    ]);
    await timers.pass(10_000);
    expect(await calls).toEqual([undefined, false, 'made', undefined, false, 0]);
    const { hits, misses, outages } = hot.report();
    expect({ hits, misses }).toEqual({ hits: 0, misses: 0 });
    expect(outages).toBeGreaterThanOrEqual(6);
  });

  it('no call waits longer than the deadline, and after a failure none waits longer than a tenth of it', async () => {
    const { hot, setFaults, timers } = openHotCache({ deadlineMs: 200, breakerFailures: 100 });
    setFaults(silent);
    const time = async (call: () => Promise<unknown>) => {
      const startedAt = timers.now();
      let endedAt = startedAt;
      void call().finally(() => {
        endedAt = timers.now();
      });
      await timers.pass(1_000);
      return endedAt - startedAt;
    };
    expect(await time(async () => hot.get('a'))).toBe(200);
    expect(await time(async () => hot.get('a'))).toBe(20);
    expect(await time(async () => hot.exists('a'))).toBe(20);
    setFaults(undefined);
    await hot.get('a');
    setFaults(silent);
    expect(await time(async () => hot.get('a'))).toBe(200);
  });

  it('a store that is slow but works is found working after a failure', async () => {
    const { hot, setFaults, timers } = openHotCache({ deadlineMs: 200 });
    setFaults(() => ({ answerAfterMs: 30 }));
    const read = async () => {
      const call = hot.get('a');
      await timers.pass(250);
      return call;
    };
    await read();
    await read();
    setFaults(silent);
    await read();
    expect(hot.report().errors).toBe(1);
    setFaults(() => ({ answerAfterMs: 30 }));
    await read();
    expect(hot.report()).toMatchObject({ errors: 1, misses: 3 });
  });

  it('an outage is no miss and a miss is no outage', async () => {
    const { hot, setFaults } = openHotCache();
    await hot.get('a');
    setFaults(refusing);
    await hot.get('a');
    await hot.getOrSet('a', () => 1);
    expect(hot.report()).toMatchObject({ hits: 0, misses: 1, outages: 2, errors: 2 });
  });

  it('what cannot be kept is refused all the same', async () => {
    const { hot, setFaults } = openHotCache();
    setFaults(refusing);
    await expect(hot.set('a', { at: new Date() })).rejects.toMatchObject({ code: 'INVALID' });
    await expect(hot.getOrSet('a', () => Number.NaN)).rejects.toMatchObject({ code: 'INVALID' });
    await expect(hot.increment('a', { by: 0.5 })).rejects.toMatchObject({ code: 'INVALID' });
    await expect(hot.set('', 1)).rejects.toMatchObject({ code: 'INVALID' });
    await expect(hot.removeByPattern('?')).rejects.toMatchObject({ code: 'INVALID' });
  });

  it('counting fails, and says whether it may have counted', async () => {
    const { hot, setFaults, timers } = openHotCache();
    setFaults(refusing);
    await expect(hot.increment('a')).rejects.toMatchObject({ code: 'UNAVAILABLE' });
    setFaults(() => ({ code: 'OUTCOME_UNKNOWN', isDone: true }));
    await expect(hot.increment('a')).rejects.toMatchObject({ code: 'OUTCOME_UNKNOWN' });
    setFaults(undefined);
    await timers.pass(1_000);
    expect(await hot.get('a')).toBe(1);
  });

  it('counting alone goes on in this process and ends with the outage', async () => {
    const { hot, setFaults } = openHotCache({ countDuringOutage: 'alone' });
    await hot.increment('a', { by: 10 });
    setFaults(refusing);
    expect([await hot.increment('a'), await hot.increment('a')]).toEqual([1, 2]);
    setFaults(undefined);
    expect(await hot.increment('a')).toBe(11);
    setFaults(refusing);
    expect(await hot.increment('a')).toBe(1);
  });

  it('health warns and says why', async () => {
    const { hot, setFaults, timers } = openHotCache();
    setFaults(silent);
    const health = hot.health();
    await timers.pass(250);
    expect((await health).status).toBe('warn');
    expect((await health).detail).toContain('did not answer');
    setFaults(refusing);
    await trip(hot);
    setFaults(undefined);
    const waiting = await hot.health();
    expect(waiting.status).toBe('warn');
    expect(waiting.detail).toContain('until it was probed');
    await timers.pass(30_000);
    expect(await hot.health()).toMatchObject({ status: 'pass' });
  });
});

describe('hot cache: changes that the store did not confirm', () => {
  const changes: readonly (readonly [string, (hot: HotCache) => Promise<unknown>])[] = [
    ['set', async (hot) => hot.set('k:1', 'new')],
    ['remove', async (hot) => hot.remove('k:1')],
    ['removeByPattern', async (hot) => hot.removeByPattern('k:*')],
  ];

  it.each(changes)('%s: the older value is not served after the outage', async (_name, change) => {
    const { hot, memory, setFaults, timers } = openHotCache();
    await hot.set('k:1', 'old');
    await hot.set('other', 'kept');
    setFaults(refusing);
    await change(hot);
    setFaults(undefined);
    expect(await hot.get('k:1')).toBeUndefined();
    expect(await hot.getOrSet('k:1', () => 'made')).toBe('made');
    await timers.pass(1_000);
    expect(await hot.get('k:1')).not.toBe('old');
    expect(await memory.get('k:1')).not.toBe('old');
    expect(await hot.get('other')).toBe('kept');
    expect(hot.report().distrusted).toBe(0);
  });

  it.each(changes)('%s: what was cut off by the deadline and lands later does no harm', async (_name, change) => {
    const { hot, memory, setFaults, timers } = openHotCache({ deadlineMs: 100 });
    await hot.set('k:1', 'old');
    // The write of `late` is given up after 100 ms and lands 90 ms after the store answers again.
    setFaults(() => ({ code: 'OUTCOME_UNKNOWN', isDone: true, doneAfterMs: 390, answerAfterMs: 150 }));
    const late = hot.set('k:1', 'late');
    await timers.pass(150);
    await late;
    setFaults(refusing);
    await timers.pass(150);
    setFaults(undefined);
    await change(hot);
    await hot.get('other');
    const seen: unknown[] = [];
    for (let passed = 0; passed < 2_000; passed += 10) {
      await timers.pass(10);
      seen.push(await hot.get('k:1'));
    }
    expect(seen).not.toContain('late');
    expect(seen).not.toContain('old');
    expect(await memory.get('k:1')).toBeUndefined();
    expect(hot.report().distrusted).toBe(0);
    await hot.set('k:1', 'again');
    expect(await hot.get('k:1')).toBe('again');
  });

  it('a write that the store confirms ends the doubt at once', async () => {
    const { hot, setFaults } = openHotCache();
    setFaults(refusing);
    await hot.set('a', 1);
    setFaults(undefined);
    await hot.set('a', 2);
    expect(await hot.get('a')).toBe(2);
    expect(hot.report().distrusted).toBe(0);
  });

  it('a write that waits behind a lost one is not sent after its caller was told', async () => {
    const { hot, memory, setFaults, timers, asked } = openHotCache({ deadlineMs: 100, breakerFailures: 100 });
    setFaults((call) => (call === 'set' ? { code: 'TIMEOUT', answerAfterMs: 500 } : undefined));
    const first = hot.set('a', 1);
    await timers.pass(0);
    const second = hot.set('a', 2);
    await timers.pass(100);
    await Promise.all([first, second]);
    setFaults(undefined);
    await timers.pass(1_500);
    expect(asked.filter((call) => call === 'set a')).toHaveLength(1);
    expect(await memory.get('a')).toBeUndefined();
    expect(hot.report().distrusted).toBe(0);
  });

  it('more changes than can be remembered: nothing is trusted until everything was removed', async () => {
    const { hot, memory, setFaults, timers, events } = openHotCache({ maxDistrustedKeys: 10 });
    await hot.set('old', 'old');
    setFaults(refusing);
    for (let index = 0; index < 25; index += 1) {
      await hot.set(`k:${index}`, index);
    }
    expect(events.filter(({ kind }) => kind === 'all-distrusted')).toHaveLength(2);
    expect(hot.report().distrusted).toBeLessThanOrEqual(11);
    setFaults(undefined);
    expect(await hot.get('old')).toBeUndefined();
    await timers.pass(31_000);
    expect(hot.report()).toMatchObject({ distrusted: 0, breaker: 'closed' });
    expect(await memory.exists('old')).toBe(false);
    await hot.set('old', 'new');
    expect(await hot.getOrSet('old', never)).toBe('new');
  });

  it('the removal of a key is repeated until the store does it', async () => {
    const { hot, memory, setFaults, timers } = openHotCache({ breakerFailures: 1_000 });
    await hot.set('a', 'old');
    setFaults(refusing);
    await hot.remove('a');
    await timers.pass(5_000);
    expect(hot.report().distrusted).toBe(1);
    setFaults((call) => (call === 'remove' ? { code: 'OUTCOME_UNKNOWN', isDone: false } : undefined));
    await timers.pass(5_000);
    expect(await hot.get('a')).toBeUndefined();
    setFaults(undefined);
    await timers.pass(500);
    expect(await memory.exists('a')).toBe(false);
    expect(hot.report().distrusted).toBe(0);
  });
});

it('hot cache: what a listener throws reaches nobody and is counted', async () => {
  const { hot, setFaults, timers } = openHotCache();
  const heard: string[] = [];
  hot.onEvent(() => {
    throw new Error('a broken listener');
  });
  const end = hot.onEvent(({ kind }) => heard.push(kind));
  setFaults(refusing);
  expect(await hot.get('a')).toBeUndefined();
  await hot.set('a', 1);
  setFaults(undefined);
  await hot.get('b');
  await timers.pass(1_000);
  end();
  setFaults(refusing);
  await hot.get('b');
  expect(heard).toEqual(['outage-began', 'outage-ended']);
  expect(hot.report().listenerErrors).toBe(3);
});
