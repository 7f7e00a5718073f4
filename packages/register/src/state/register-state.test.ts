import { createManualClock } from '@sorcha/storage/testing';
import { describe, expect, it } from 'vitest';
import { createStateMachine, type RegisterState, STATE_TRANSITIONS, type StateChange } from './register-state.ts';

const STATES: readonly RegisterState[] = [
  'Initializing',
  'Healthy',
  'Degraded',
  'Recovering',
  'PeerSyncInProgress',
  'Offline',
];

/** A way from the first state to each other one. */
const WAYS: Readonly<Record<RegisterState, readonly RegisterState[]>> = {
  Initializing: [],
  Healthy: ['Healthy'],
  Degraded: ['Degraded'],
  Recovering: ['Degraded', 'Recovering'],
  PeerSyncInProgress: ['Degraded', 'Recovering', 'PeerSyncInProgress'],
  Offline: ['Offline'],
};

function startIn(state: RegisterState, onChange?: (change: StateChange) => void) {
  const clock = createManualClock(1_000);
  const changes: StateChange[] = [];
  const machine = createStateMachine({
    clock,
    onChange: (change) => {
      changes.push(change);
      onChange?.(change);
    },
  });
  for (const step of WAYS[state]) machine.change(step, 'unproven', 'on the way');
  changes.length = 0;
  return { clock, machine, changes };
}

describe('the state machine of a register (FR-048)', () => {
  it.each(STATES.flatMap((from) => STATES.map((to) => [from, to] as const)))('decides %s to %s', (from, to) => {
    const { clock, machine, changes } = startIn(from);
    clock.advance(5);
    if (STATE_TRANSITIONS[from].includes(to)) {
      machine.change(to, 'changed', 'because');
      expect(machine.state).toBe(to);
      expect(changes).toEqual([{ from, to, at: 1_005, cause: 'changed', message: 'because' }]);
    } else {
      expect(() => machine.change(to, 'changed', 'because')).toThrow(`cannot change from ${from} to ${to}`);
      expect(machine.state).toBe(from);
      expect(changes).toEqual([]);
    }
  });

  it('can leave every state but the last, and reach every state but the first', () => {
    expect(STATES.filter((state) => STATE_TRANSITIONS[state].length === 0)).toEqual(['Offline']);
    const reached = new Set(Object.values(STATE_TRANSITIONS).flat());
    expect(STATES.filter((state) => !reached.has(state))).toEqual(['Initializing']);
  });

  it('has changed before it tells of it', () => {
    const seen: RegisterState[] = [];
    const { machine } = startIn('Initializing', () => seen.push(machine.state));
    machine.change('Healthy', 'verified', 'all of it');
    expect(seen).toEqual(['Healthy']);
  });
});
