/** The calls that are at work. */
export interface CallSet {
  /** Adds a call, which leaves when it has ended, and returns it. */
  track<T>(call: Promise<T>): Promise<T>;
  /** Resolves when those that were added have ended. */
  settle(): Promise<void>;
}

/** Creates an empty set. */
export function createCallSet(): CallSet {
  const calls = new Set<Promise<unknown>>();
  return {
    track: async (call) => {
      calls.add(call);
      try {
        return await call;
      } finally {
        calls.delete(call);
      }
    },
    settle: async () => {
      await Promise.allSettled(calls);
    },
  };
}
