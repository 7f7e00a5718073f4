/** How many calls are at work. */
export interface CallCounter {
  enter(): void;
  leave(): void;
  /** Resolves when none is. */
  settle(): Promise<void>;
}

/** Creates a counter at 0. */
export function createCallCounter(): CallCounter {
  let count = 0;
  let settled: PromiseWithResolvers<void> | undefined;
  return {
    enter: () => {
      count += 1;
    },
    leave: () => {
      count -= 1;
      if (count === 0) {
        settled?.resolve();
        settled = undefined;
      }
    },
    settle: async () => {
      if (count > 0) {
        settled ??= Promise.withResolvers<void>();
        await settled.promise;
      }
    },
  };
}
