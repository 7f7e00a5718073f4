/** The calls that are at work. */
export interface CallSet {
  add(call: Promise<unknown>): void;
  /** Resolves when those that were added have ended. */
  settle(): Promise<void>;
}

/** Creates an empty set. */
export function createCallSet(): CallSet {
  const calls = new Set<Promise<unknown>>();
  return {
    add: (call) => {
      calls.add(call);
      const forget = () => calls.delete(call);
      call.then(forget, forget);
    },
    settle: async () => {
      await Promise.allSettled(calls);
    },
  };
}
