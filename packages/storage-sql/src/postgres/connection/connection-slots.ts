import { type CallOptions, StorageError } from '@sorcha/storage';
import { checkSignal } from '@sorcha/storage/provider';

/** So many calls at once may have a connection; the others wait for their turn. */
export interface ConnectionSlots {
  /** Takes a slot that is free and says whether there was one. */
  tryTake(): boolean;
  /** Waits for a slot, in the order of the calls: `TIMEOUT` when the signal fires or the time is over. */
  wait(options: CallOptions | undefined): Promise<void>;
  give(): void;
}

interface Waiting {
  readonly grant: () => void;
}

/** Creates free slots. */
export function createConnectionSlots(size: number, acquireTimeoutMs: number, place: string): ConnectionSlots {
  let free = size;
  const queue = new Set<Waiting>();
  return {
    tryTake: () => {
      if (free === 0) {
        return false;
      }
      free -= 1;
      return true;
    },
    wait: async (options) => {
      checkSignal(options);
      const turn = Promise.withResolvers<void>();
      const waiting = { grant: turn.resolve };
      const giveUp = (problem: string) => () => {
        queue.delete(waiting);
        turn.reject(new StorageError('TIMEOUT', problem));
      };
      const advice = `all ${size} stayed in use; make pool.max larger, and call within a transaction only its own store`;
      const timeOut = giveUp(`No connection to ${place} became free within ${acquireTimeoutMs} ms: ${advice}.`);
      const abort = giveUp('The signal of the call fired while it waited for a connection.');
      const timer = setTimeout(timeOut, acquireTimeoutMs);
      options?.signal?.addEventListener('abort', abort, { once: true });
      queue.add(waiting);
      try {
        await turn.promise;
      } finally {
        clearTimeout(timer);
        options?.signal?.removeEventListener('abort', abort);
      }
    },
    give: () => {
      const [next] = queue;
      if (next === undefined) {
        free += 1;
      } else {
        queue.delete(next);
        next.grant();
      }
    },
  };
}
