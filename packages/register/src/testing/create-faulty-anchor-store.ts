import { StorageError } from '@sorcha/storage';
import type { AnchorStore } from '../anchor/anchor-store.ts';

/** What the next call does instead of working. Faults of writes come in pairs: the caller hears the same. */
export interface AnchorFault {
  readonly call: keyof AnchorStore;
  readonly code: 'UNAVAILABLE' | 'OUTCOME_UNKNOWN';
  /** Whether a write takes place all the same. */
  readonly isWritten: boolean;
}

/** An anchor store whose calls can be made to fail, and watched. */
export interface FaultyAnchorStore {
  readonly store: AnchorStore;
  /** Adds faults: each meets the next call of its kind. */
  plan(...faults: readonly AnchorFault[]): void;
  /** Runs work before the next call of a kind, to play what others do at that moment. */
  before(call: keyof AnchorStore, work: () => Promise<void>): void;
}

/** Wraps an anchor store for tests of what stands on it. */
export function createFaultyAnchorStore(store: AnchorStore): FaultyAnchorStore {
  const faults: AnchorFault[] = [];
  const works: { readonly call: keyof AnchorStore; readonly work: () => Promise<void> }[] = [];
  const meet = async <T>(call: keyof AnchorStore, act: () => Promise<T>): Promise<T> => {
    const [planned] = works.splice(findIndex(works, call), 1);
    await planned?.work();
    const [fault] = faults.splice(findIndex(faults, call), 1);
    if (fault === undefined) {
      return act();
    }
    if (fault.isWritten) {
      await act();
    }
    throw new StorageError(fault.code, `A planned fault: this ${call} fails with ${fault.code}.`);
  };
  return {
    store: {
      read: async (registerId) => meet('read', async () => store.read(registerId)),
      announce: async (registerId, firstHeight, hashes) =>
        meet('announce', async () => store.announce(registerId, firstHeight, hashes)),
      advance: async (registerId, step) => meet('advance', async () => store.advance(registerId, step)),
    },
    plan: (...planned) => {
      faults.push(...planned);
    },
    before: (call, work) => {
      works.push({ call, work });
    },
  };
}

/** Beyond the end when there is none, where `splice` takes nothing away. */
function findIndex(planned: readonly { readonly call: keyof AnchorStore }[], call: keyof AnchorStore): number {
  const index = planned.findIndex((each) => each.call === call);
  return index === -1 ? planned.length : index;
}
