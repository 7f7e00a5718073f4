import { type CallOptions, StorageError } from '@sorcha/storage';
import { checkSignal } from '@sorcha/storage/provider';
import { waitUnlessFired } from './wait-unless-fired.ts';

/** Runs one piece of work after the other, in the order in which they came. */
export interface WriteQueue {
  /** Waits for its turn and runs `work`. A signal that fires while waiting ends the wait with `TIMEOUT`. */
  run<T>(work: () => Promise<T>, options?: CallOptions): Promise<T>;
  /** Resolves when everything that came before has ended. */
  idle(): Promise<void>;
  /** Says whether work is running or waiting. */
  isBusy(): boolean;
}

/** Creates an empty queue. */
export function createWriteQueue(): WriteQueue {
  let last: Promise<unknown> = Promise.resolve();
  let present = 0;
  return {
    run: async (work, options) => {
      const turn = last;
      const { promise: done, resolve: leave } = Promise.withResolvers<void>();
      // Who gives up keeps the place until its turn comes, so that nobody behind overtakes the work before it.
      last = turn.then(() => done);
      present += 1;
      try {
        await waitForTurn(turn, options);
        return await work();
      } finally {
        present -= 1;
        leave();
      }
    },
    idle: async () => {
      await last;
    },
    isBusy: () => present > 0,
  };
}

async function waitForTurn(turn: Promise<unknown>, options: CallOptions | undefined): Promise<void> {
  checkSignal(options);
  const toError = () =>
    new StorageError('TIMEOUT', 'The signal of the call fired while it waited for its turn to write.');
  await waitUnlessFired(turn, [{ signal: options?.signal, toError }]);
  checkSignal(options);
}
