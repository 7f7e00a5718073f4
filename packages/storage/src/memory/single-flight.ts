/** Calls that are under way, at most one per key that can be joined. */
export interface SingleFlight<T> {
  /**
   * Joins the call of that key or starts one. `land` is given the result before those who wait for it, unless the key was
   * cut loose meanwhile.
   */
  join(key: string, start: () => Promise<T>, land: (result: T) => void): Promise<T>;
  /** Ends the claim of the call under way: it is joined no more and does not land. */
  cut(key: string): void;
  keys(): string[];
}

/** Creates an empty set of calls. */
export function createSingleFlight<T>(): SingleFlight<T> {
  const flights = new Map<string, Promise<T>>();
  return {
    join: async (key, start, land) => {
      const running = flights.get(key);
      if (running !== undefined) {
        return running;
      }
      const fly = async () => {
        try {
          const result = await start();
          if (flights.get(key) === flight) {
            land(result);
          }
          return result;
        } finally {
          if (flights.get(key) === flight) {
            flights.delete(key);
          }
        }
      };
      const flight = fly();
      flights.set(key, flight);
      return flight;
    },
    cut: (key) => {
      flights.delete(key);
    },
    keys: () => [...flights.keys()],
  };
}
