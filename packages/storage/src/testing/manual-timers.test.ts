import { describe, expect, it } from 'vitest';
import { createManualTimers } from './manual-timers.ts';

describe('manual timers', () => {
  it('ring in the order they are due, at their time, and not after they were called off', async () => {
    const timers = createManualTimers(1_000);
    const rung: string[] = [];
    const note = (name: string) => () => rung.push(`${name} at ${timers.now()}`);
    timers.after(30, note('c'));
    timers.after(10, note('a'));
    timers.after(10, note('b'));
    timers.after(20, note('never'))();
    timers.after(31, note('later'));
    await timers.pass(30);
    expect(rung).toEqual(['a at 1010', 'b at 1010', 'c at 1030']);
    expect([timers.now(), timers.elapsed()]).toEqual([1_030, 1_030]);
  });

  it('what waits for a ring goes on before the next, and can ask for more', async () => {
    const timers = createManualTimers(0);
    const seen: number[] = [];
    const tick = async () => {
      for (let turn = 0; turn < 3; turn += 1) {
        await new Promise<void>((resolve) => void timers.after(10, resolve));
        seen.push(timers.now());
      }
    };
    const ticking = tick();
    await timers.pass(100);
    await ticking;
    expect(seen).toEqual([10, 20, 30]);
  });

  it('what is overdue because the clock was moved rings next', async () => {
    const timers = createManualTimers(0);
    let rungAt = 0;
    timers.after(10, () => {
      rungAt = timers.now();
    });
    timers.advance(50);
    expect(rungAt).toBe(0);
    await timers.pass(0);
    expect(rungAt).toBe(50);
  });
});
