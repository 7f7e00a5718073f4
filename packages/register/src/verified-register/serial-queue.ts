/** Runs work one after the other, in the order it was handed in; a failure does not stop what comes after. */
export interface SerialQueue {
  run<T>(work: () => Promise<T>): Promise<T>;
}

/** Starts an empty queue. */
export function createSerialQueue(): SerialQueue {
  let last: Promise<unknown> = Promise.resolve();
  return {
    run: (work) => {
      const result = last.then(work);
      last = result.catch(() => undefined);
      return result;
    },
  };
}
