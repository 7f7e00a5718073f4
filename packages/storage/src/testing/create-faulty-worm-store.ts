import type { WormStore } from '../ports/worm-store.ts';
import type { WormRecord } from '../schema/worm-record.ts';
import { StorageError } from '../storage-error.ts';

/**
 * What the next calls do instead of working. Faults of appends come in pairs: the caller hears the same, and the records are
 * there or not.
 */
export type WormFault = AppendFault | ReadFault;

/** A fault of `append` and `appendBatch`. Only an unknown outcome can hide a write. */
export type AppendFault = { readonly call: 'append'; readonly times?: number } & (
  | { readonly code: 'UNAVAILABLE' | 'TIMEOUT'; readonly isWritten: false }
  | { readonly code: 'OUTCOME_UNKNOWN'; readonly isWritten: boolean }
);

/** A fault of every call that reads records or facts about them. */
export interface ReadFault {
  readonly call: 'read';
  readonly code: 'UNAVAILABLE' | 'TIMEOUT' | 'CORRUPTED';
  /** How many records `range` still gives before it fails. Default 0. */
  readonly afterRecords?: number;
  readonly times?: number;
}

/** A write-once store whose calls can be made to fail. */
export interface FaultyWormStore<D> {
  readonly store: WormStore<D>;
  /**
   * Adds faults to the script. Each meets the next call of its kind (`times` of them, default 1; `Infinity` until `heal`), in
   * the order they were planned. Calls that no fault is left for work.
   */
  readonly plan: (...faults: readonly WormFault[]) => void;
  /** How many planned faults no call has met yet. */
  readonly pending: () => number;
  /** Forgets the faults that no call has met. */
  readonly heal: () => void;
}

/** Wraps a write-once store for tests of what stands on it. `health` and `close` always work. */
export function createFaultyWormStore<D>(store: WormStore<D>): FaultyWormStore<D> {
  let script: WormFault[] = [];
  const take = <C extends WormFault['call']>(call: C): Extract<WormFault, { readonly call: C }> | undefined => {
    const index = script.findIndex((fault) => fault.call === call);
    const fault = script[index];
    if (fault === undefined || !isOf(fault, call)) {
      return undefined;
    }
    const left = (fault.times ?? 1) - 1;
    script.splice(index, 1, ...(left > 0 ? [{ ...fault, times: left }] : []));
    return fault;
  };
  const append = async <T>(write: () => Promise<T>): Promise<T> => {
    const fault = take('append');
    if (fault === undefined) {
      return write();
    }
    if (fault.isWritten) {
      await write();
    }
    throw planned(fault);
  };
  const read = async <T>(ask: () => Promise<T>): Promise<T> => {
    const fault = take('read');
    if (fault !== undefined) {
      throw planned(fault);
    }
    return ask();
  };
  return {
    store: {
      provider: store.provider,
      append: async (...args) => append(async () => store.append(...args)),
      appendBatch: async (...args) => append(async () => store.appendBatch(...args)),
      get: async (...args) => read(async () => store.get(...args)),
      range: (...args) => readRange(store.range(...args), () => take('read')),
      find: async (...args) => read(async () => store.find(...args)),
      height: async (...args) => read(async () => store.height(...args)),
      count: async (...args) => read(async () => store.count(...args)),
      exists: async (...args) => read(async () => store.exists(...args)),
      streams: async (...args) => read(async () => store.streams(...args)),
      verifyIntegrity: async (...args) => read(async () => store.verifyIntegrity(...args)),
      health: async (...args) => store.health(...args),
      close: async () => store.close(),
    },
    plan: (...faults) => {
      script.push(...faults);
    },
    pending: () => script.length,
    heal: () => {
      script = [];
    },
  };
}

async function* readRange(
  records: AsyncIterable<WormRecord>,
  take: () => ReadFault | undefined,
): AsyncGenerator<WormRecord> {
  const fault = take();
  let left = fault?.afterRecords ?? 0;
  for await (const record of records) {
    if (fault !== undefined && left === 0) {
      throw planned(fault);
    }
    left -= 1;
    yield record;
  }
  if (fault !== undefined) {
    throw planned(fault);
  }
}

function isOf<C extends WormFault['call']>(
  fault: WormFault,
  call: C,
): fault is Extract<WormFault, { readonly call: C }> {
  return fault.call === call;
}

function planned({ call, code }: WormFault): StorageError {
  return new StorageError(code, `A planned fault: this ${call} fails with ${code}.`);
}
