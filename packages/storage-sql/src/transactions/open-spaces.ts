import { type CallOptions, type RelationalStore, StorageError } from '@sorcha/storage';
import { checkSignal, checkTenantId } from '@sorcha/storage/provider';
import { type CallCounter, createCallCounter } from './call-counter.ts';
import type { CallGate } from './call-gate.ts';
import { requireOutsideOf, type Space } from './transaction-scope.ts';

/** The space of a store, or of one of its tenants, while it is open. */
export interface OpenSpace {
  readonly space: Space;
  readonly gate: CallGate;
  /** Those that fire when the store, or the one that it came from, is closed. */
  readonly closeSignals: readonly AbortSignal[];
  /** Fails with `CLOSED` after `close`. */
  readonly requireOpen: () => void;
  readonly tenant: (id: string) => RelationalStore;
  /** Ends transactions, waits for all other calls, and releases what the space holds. */
  readonly close: () => Promise<void>;
}

/**
 * Opens the space of a store, and those of its tenants as they are asked for.
 *
 * @param createStore makes the store of a space.
 * @param release releases what all spaces share; nothing is at work any more then.
 */
export function openSpaces(
  createStore: (space: OpenSpace) => RelationalStore,
  release: () => Promise<void>,
): RelationalStore {
  /** What tells this store from others on the same database. */
  const store = {};
  const whole = createLife();
  const tenant = (id: string) => {
    const space = { store, tenant: checkTenantId(id) };
    return createStore(openSpace(space, [createLife(), whole], refuseTenant, async () => undefined));
  };
  return createStore(openSpace({ store, tenant: undefined }, [whole], tenant, release));
}

/** What ends with a store. */
interface Life {
  readonly closing: AbortController;
  readonly calls: CallCounter;
}

function createLife(): Life {
  return { closing: new AbortController(), calls: createCallCounter() };
}

function refuseTenant(): never {
  throw new StorageError('UNSUPPORTED', 'A tenant has no tenants; ask the store that it came from.');
}

/** @param lives that of the space first, then of what it came from. */
function openSpace(
  space: Space,
  lives: readonly [own: Life, ...around: Life[]],
  tenant: OpenSpace['tenant'],
  release: () => Promise<void>,
): OpenSpace {
  const [own] = lives;
  const closeSignals = lives.map(({ closing }) => closing.signal);
  let closed: Promise<void> | undefined;
  const requireOpen = () => {
    if (closeSignals.some(({ aborted }) => aborted)) {
      throw new StorageError('CLOSED', 'The relational store is closed; open it again.');
    }
  };
  return {
    space,
    closeSignals,
    requireOpen,
    tenant,
    gate: {
      enter: (options: CallOptions | undefined) => {
        requireOpen();
        requireOutsideOf(space);
        checkSignal(options);
        lives.forEach(({ calls }) => calls.enter());
      },
      leave: () => lives.forEach(({ calls }) => calls.leave()),
    },
    close: async () => {
      own.closing.abort();
      closed ??= own.calls.settle().then(release);
      await closed;
    },
  };
}
