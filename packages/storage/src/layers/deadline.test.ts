import { describe, expect, it } from 'vitest';
import { createManualTimers } from '../testing/manual-timers.ts';
import { createDeadline } from './deadline.ts';
import { systemTimers } from './timers.ts';

describe('a deadline', () => {
  it('gives up each call at its own time, and none that was answered', async () => {
    const timers = createManualTimers();
    const startedAt = timers.now();
    const deadline = createDeadline(timers, 100);
    const late: string[] = [];
    const begin = (name: string) =>
      deadline.begin(timers.elapsed(), () => late.push(`${name} at ${timers.now() - startedAt}`));
    begin('first');
    const answered = begin('answered');
    await timers.pass(30);
    begin('second');
    expect([deadline.size, deadline.end(answered), deadline.end(answered), deadline.size]).toEqual([3, true, false, 2]);
    await timers.pass(200);
    begin('third');
    await timers.pass(100);
    expect(late).toEqual(['first at 100', 'second at 130', 'third at 330']);
  });

  it('says of an answer that comes too late that it does', async () => {
    const timers = createManualTimers();
    const deadline = createDeadline(timers, 100);
    const waiting = deadline.begin(timers.elapsed(), () => undefined);
    await timers.pass(100);
    expect(deadline.end(waiting)).toBe(false);
  });

  it('needs one timer for any number of calls', async () => {
    const timers = createManualTimers();
    let rings = 0;
    const counted = {
      ...timers,
      after: (ms: number, ring: () => void) => {
        rings += 1;
        return timers.after(ms, ring);
      },
    };
    const deadline = createDeadline(counted, 100);
    for (let call = 0; call < 1_000; call += 1) {
      deadline.end(deadline.begin(timers.elapsed(), () => undefined));
    }
    await timers.pass(1_000);
    expect(rings).toBe(1);
  });

  it('works with the timers of the machine', async () => {
    const deadline = createDeadline(systemTimers, 20);
    const startedAt = systemTimers.elapsed();
    const keepAlive = setInterval(() => undefined, 1_000);
    await new Promise<void>((resolve) => void deadline.begin(startedAt, resolve));
    clearInterval(keepAlive);
    expect(systemTimers.elapsed() - startedAt).toBeGreaterThanOrEqual(20);
  });
});
