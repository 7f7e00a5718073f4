import { type CallOptions, StorageError } from '@sorcha/storage';
import { checkSignal } from '@sorcha/storage/provider';

/** Runs one piece of work after the other, in the order in which they came. */
export interface WriteQueue {
  /** Waits for its turn and runs `work`. A signal that fires while waiting ends the wait with `TIMEOUT`. */
  run<T>(work: () => Promise<T>, options?: CallOptions): Promise<T>;
  /** Resolves when everything that came before has ended. */
  idle(): Promise<void>;
}

/** Creates an empty queue. */
export function createWriteQueue(): WriteQueue {
  let last: Promise<unknown> = Promise.resolve();
  return {
    run: async (work, options) => {
      const turn = last;
      const { promise: done, resolve: leave } = Promise.withResolvers<void>();
      // Who gives up keeps the place until its turn comes, so that nobody behind overtakes the work before it.
      last = turn.then(() => done);
      try {
        await waitForTurn(turn, options);
        return await work();
      } finally {
        leave();
      }
    },
    idle: async () => {
      await last;
    },
  };
}

async function waitForTurn(turn: Promise<unknown>, options: CallOptions | undefined): Promise<void> {
  checkSignal(options);
  const signal = options?.signal;
  if (signal === undefined) {
    await turn;
    return;
  }
  const { promise: aborted, reject } = Promise.withResolvers<never>();
  const onAbort = () => {
    reject(new StorageError('TIMEOUT', 'The signal of the call fired while it waited for its turn to write.'));
  };
  signal.addEventListener('abort', onAbort, { once: true });
  try {
    await Promise.race([turn, aborted]);
  } finally {
    signal.removeEventListener('abort', onAbort);
  }
  checkSignal(options);
}
