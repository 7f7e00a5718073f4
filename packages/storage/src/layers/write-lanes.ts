/** Lets the writes of one key go to the store one after the other, in the order they came. */
export interface WriteLanes {
  /** Calls `send` when every earlier write of the key has ended, at once when there is none. Settles as `send` does. */
  run<T>(key: string, send: () => Promise<T>): Promise<T>;
  /** As `run`, but later writes do not wait for this one. */
  follow<T>(key: string, send: () => Promise<T>): Promise<T>;
  isBusy(key: string): boolean;
  /** The keys that are being written. */
  keys(): string[];
  /** Waits until what is now being written has ended. */
  whenFree(keys: readonly string[]): Promise<void>;
}

/** Creates lanes that are all free. */
export function createWriteLanes(): WriteLanes {
  const lanes = new Map<string, Promise<void>>();
  const follow = <T>(key: string, send: () => Promise<T>): Promise<T> => lanes.get(key)?.then(send) ?? send();
  return {
    follow,
    run: (key, send) => {
      const call = follow(key, send);
      const free = () => {
        if (lanes.get(key) === end) {
          lanes.delete(key);
        }
      };
      const end = call.then(free, free);
      lanes.set(key, end);
      return call;
    },
    isBusy: (key) => lanes.has(key),
    keys: () => [...lanes.keys()],
    whenFree: async (keys) => {
      await Promise.all(keys.map(async (key) => lanes.get(key)));
    },
  };
}
