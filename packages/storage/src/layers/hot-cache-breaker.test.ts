import { describe, expect, it } from 'vitest';
import { openHotCache, refusing, silent, trip } from './testing/open-hot-cache.ts';

describe('hot cache: circuit breaker', () => {
  it('leaves the store alone after five failures in a row, and probes it after 30 seconds', async () => {
    const { hot, setFaults, timers, asked, events } = openHotCache();
    setFaults(refusing);
    await trip(hot);
    const before = asked.length;
    await hot.get('a');
    await hot.getOrSet('a', () => 1);
    await timers.pass(29_999);
    expect(asked.length).toBe(before);
    await timers.pass(1);
    expect(asked.slice(before)).toEqual(['health']);
    expect(hot.report().breaker).toBe('open');
    setFaults(undefined);
    await timers.pass(30_000);
    expect(hot.report().breaker).toBe('closed');
    expect(events.map((event) => (event.kind === 'breaker' ? event.state : event.kind))).toEqual([
      'outage-began',
      'open',
      'half-open',
      'open',
      'half-open',
      'closed',
      'outage-ended',
    ]);
    expect(events.at(-1)).toEqual({ kind: 'outage-ended', lastedMs: 60_000 });
  });

  it('with changes to make up for asks twice a second: other processes read the older value until then', async () => {
    const { hot, memory, setFaults, timers, asked, events } = openHotCache();
    await hot.set('a', 'old');
    setFaults(refusing);
    await trip(hot);
    await hot.remove('a');
    const before = asked.length;
    await timers.pass(10_000);
    expect(asked.slice(before)).toEqual(Array.from({ length: 20 }, () => 'health'));
    setFaults(undefined);
    expect(await memory.get('a')).toBe('old');
    await timers.pass(500);
    expect(await memory.get('a')).toBeUndefined();
    expect(hot.report()).toMatchObject({ breaker: 'closed', distrusted: 0 });
    expect(events.map((event) => (event.kind === 'breaker' ? event.state : event.kind))).toEqual([
      'outage-began',
      'open',
      'closed',
      'outage-ended',
    ]);
  });

  it('a call that works starts the count anew', async () => {
    const { hot, setFaults } = openHotCache();
    for (let round = 0; round < 3; round += 1) {
      setFaults(refusing);
      for (let call = 0; call < 4; call += 1) {
        await hot.get('a');
      }
      setFaults(undefined);
      await hot.get('a');
    }
    expect(hot.report()).toMatchObject({ breaker: 'closed', errors: 12 });
  });

  it('no caller waits for the probe', async () => {
    const { hot, setFaults, timers } = openHotCache();
    setFaults(refusing);
    await trip(hot);
    setFaults(silent);
    await timers.pass(30_000);
    expect(hot.report().breaker).toBe('half-open');
    expect(await hot.getOrSet('a', () => 'made')).toBe('made');
    await timers.pass(250);
    expect(hot.report().breaker).toBe('open');
  });

  it('a caller whose input is refused is no failure of the store', async () => {
    const { hot } = openHotCache();
    await hot.set('a', 'text');
    for (let call = 0; call < 9; call += 1) {
      await expect(hot.increment('a')).rejects.toMatchObject({ code: 'INVALID' });
    }
    expect(hot.report()).toMatchObject({ breaker: 'closed', errors: 0 });
  });

  it('an error that is none of ours is a failure of the store, and reaches no caller', async () => {
    const { hot, setFaults, events } = openHotCache();
    setFaults(() => {
      throw new TypeError('the client is broken');
    });
    expect(await hot.get('a')).toBeUndefined();
    expect(events).toEqual([{ kind: 'outage-began', error: new TypeError('the client is broken') }]);
  });
});
