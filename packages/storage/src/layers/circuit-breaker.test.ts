import { describe, expect, it } from 'vitest';
import { createManualTimers } from '../testing/manual-timers.ts';
import { createCircuitBreaker } from './circuit-breaker.ts';

function createWatched(probes: (() => Promise<boolean>)[]) {
  const timers = createManualTimers();
  const states: string[] = [];
  const breaker = createCircuitBreaker({
    timers,
    failures: 3,
    breakMs: 1_000,
    probe: async () => (await probes.shift()?.()) ?? false,
    onState: (state) => states.push(state),
  });
  const fail = (times: number) => {
    for (let time = 0; time < times; time += 1) {
      breaker.fail();
    }
  };
  return { timers, states, breaker, fail };
}

describe('a circuit breaker', () => {
  it('opens after so many failures in a row, and only then', () => {
    const { breaker, fail, states } = createWatched([]);
    fail(2);
    breaker.succeed();
    fail(2);
    expect(breaker.state).toBe('closed');
    fail(1);
    expect(breaker.state).toBe('open');
    fail(5);
    expect(states).toEqual(['open']);
  });

  it('probes once when its time is over, and closes when that works', async () => {
    const { timers, breaker, fail, states } = createWatched([async () => false, async () => true]);
    fail(3);
    await timers.pass(999);
    expect(breaker.state).toBe('open');
    await timers.pass(1);
    expect(states).toEqual(['open', 'half-open', 'open']);
    await timers.pass(1_000);
    expect(states.slice(3)).toEqual(['half-open', 'closed']);
    fail(2);
    expect(breaker.state).toBe('closed');
    fail(1);
    expect(breaker.state).toBe('open');
  });

  it('calls that were under way change nothing while it is open', async () => {
    const { timers, breaker, fail } = createWatched([async () => true]);
    fail(3);
    breaker.succeed();
    expect(breaker.state).toBe('open');
    fail(9);
    await timers.pass(1_000);
    expect(breaker.state).toBe('closed');
  });

  it('can be told to probe before its time, and keeps quiet unless that works', async () => {
    const { timers, breaker, fail, states } = createWatched([async () => false, async () => true, async () => false]);
    await breaker.probe();
    fail(3);
    await breaker.probe();
    expect(states).toEqual(['open']);
    await breaker.probe();
    expect(states).toEqual(['open', 'closed']);
    await timers.pass(10_000);
    expect(states).toEqual(['open', 'closed']);
    fail(2);
    expect(breaker.state).toBe('closed');
  });

  it('does nothing any more after it was stopped, also with a probe under way', async () => {
    const probe = Promise.withResolvers<boolean>();
    const { timers, breaker, fail, states } = createWatched([async () => probe.promise]);
    fail(3);
    await timers.pass(1_000);
    breaker.stop();
    probe.resolve(true);
    await timers.pass(100_000);
    expect(states).toEqual(['open', 'half-open']);
    const other = createWatched([async () => true]);
    other.fail(3);
    const late = other.breaker.probe();
    other.breaker.stop();
    await late;
    await other.timers.pass(100_000);
    expect(other.states).toEqual(['open']);
  });
});
