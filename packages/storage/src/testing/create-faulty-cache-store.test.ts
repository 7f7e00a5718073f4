import { describe, expect, it } from 'vitest';
import { createMemoryCacheStore } from '../memory/memory-cache-store.ts';
import { type CacheFault, createFaultyCacheStore } from './create-faulty-cache-store.ts';
import { createManualTimers } from './manual-timers.ts';

function createFaulty(fault: CacheFault | undefined) {
  const timers = createManualTimers();
  const memory = createMemoryCacheStore({ clock: timers });
  return { timers, memory, faulty: createFaultyCacheStore(memory, { timers, faults: () => fault }) };
}

describe('a faulty cache', () => {
  it('works as the cache it wraps without a fault', async () => {
    const { faulty } = createFaulty(undefined);
    await faulty.set('a', 1);
    expect([await faulty.get('a'), await faulty.increment('a'), await faulty.removeByPattern('*')]).toEqual([1, 2, 1]);
  });

  it.each([true, false])('a call that fails was done or not: %s', async (isDone) => {
    const { faulty, memory } = createFaulty({ code: 'OUTCOME_UNKNOWN', isDone });
    await expect(faulty.set('a', 1)).rejects.toMatchObject({ code: 'OUTCOME_UNKNOWN' });
    expect(await memory.exists('a')).toBe(isDone);
  });

  it('a call takes effect and is answered when it is told to, also the other way round', async () => {
    const late = createFaulty({ doneAfterMs: 10, answerAfterMs: 30 });
    const writing = late.faulty.set('a', 1);
    await late.timers.pass(9);
    expect(await late.memory.exists('a')).toBe(false);
    await late.timers.pass(1);
    expect(await late.memory.exists('a')).toBe(true);
    await late.timers.pass(20);
    await writing;
    const lost = createFaulty({ code: 'TIMEOUT', isDone: true, doneAfterMs: 50, answerAfterMs: 10 });
    const failing = lost.faulty.set('a', 1).catch((error: unknown) => error);
    await lost.timers.pass(10);
    expect(await failing).toMatchObject({ code: 'TIMEOUT' });
    expect(await lost.memory.exists('a')).toBe(false);
    await lost.timers.pass(40);
    expect(await lost.memory.exists('a')).toBe(true);
  });
});
