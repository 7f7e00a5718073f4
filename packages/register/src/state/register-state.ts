import type { Clock } from '@sorcha/storage';

/**
 * What a register can do at the moment.
 *
 * - `Initializing`: verifying; nothing is served yet.
 * - `Healthy`: everything that the anchored head covers is proven.
 * - `Degraded`: something is not proven; what is proven is served, nothing can be sealed.
 * - `Recovering`, `PeerSyncInProgress`: replacements are being fetched and verified.
 * - `Offline`: closed, or failed for good.
 */
export type RegisterState = 'Initializing' | 'Healthy' | 'Degraded' | 'Recovering' | 'PeerSyncInProgress' | 'Offline';

/** The states that each state may change to. */
export const STATE_TRANSITIONS: Readonly<Record<RegisterState, readonly RegisterState[]>> = {
  Initializing: ['Healthy', 'Degraded', 'Offline'],
  Healthy: ['Degraded', 'Offline'],
  Degraded: ['Recovering', 'Offline'],
  Recovering: ['PeerSyncInProgress', 'Healthy', 'Degraded', 'Offline'],
  PeerSyncInProgress: ['Recovering', 'Offline'],
  Offline: [],
};

/**
 * Why a state changed.
 *
 * - `verified`: everything that must exist is proven.
 * - `unproven`: a verification found something that is not proven, or no head to prove it by.
 * - `changed`: a record is not any more what was verified.
 * - `adoption`: the operator vouches for a head that was lost.
 * - `failed`: the start could not be finished.
 * - `closed`: the register was closed.
 */
export type StateCause = 'verified' | 'unproven' | 'changed' | 'adoption' | 'failed' | 'closed';

/** One change of state. */
export interface StateChange {
  readonly from: RegisterState;
  readonly to: RegisterState;
  /** Milliseconds since 1970-01-01T00:00:00Z. */
  readonly at: number;
  readonly cause: StateCause;
  /** Why, in one sentence for the operator. */
  readonly message: string;
}

/** Holds the state of one register and refuses changes that the table does not have. */
export interface StateMachine {
  readonly state: RegisterState;
  /** Changes the state; an illegal change is a defect of the caller and throws a plain `Error`. */
  change(to: RegisterState, cause: StateCause, message: string): void;
}

/** Starts in `Initializing`; `onChange` hears every change after it took effect. */
export function createStateMachine(options: {
  readonly clock: Clock;
  readonly onChange?: (change: StateChange) => void;
}): StateMachine {
  let state: RegisterState = 'Initializing';
  return {
    get state() {
      return state;
    },
    change(to, cause, message) {
      const from = state;
      if (!STATE_TRANSITIONS[from].includes(to)) {
        throw new Error(`A register cannot change from ${from} to ${to} (${message}).`);
      }
      state = to;
      options.onChange?.({ from, to, at: options.clock.now(), cause, message });
    },
  };
}
