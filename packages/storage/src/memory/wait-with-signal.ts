import { StorageError } from '../storage-error.ts';

/** Waits for a result until the signal fires: `TIMEOUT`. What produces the result goes on. Without a signal, it is the result. */
export function waitWithSignal<T>(result: Promise<T>, signal: AbortSignal | undefined): Promise<T> {
  return signal === undefined ? result : raceWithSignal(result, signal);
}

async function raceWithSignal<T>(result: Promise<T>, signal: AbortSignal): Promise<T> {
  const fired = Promise.withResolvers<never>();
  const onAbort = () => {
    const cause: unknown = signal.reason;
    fired.reject(new StorageError('TIMEOUT', 'The signal of the call fired while it was waiting.', { cause }));
  };
  signal.addEventListener('abort', onAbort, { once: true });
  if (signal.aborted) {
    onAbort();
  }
  try {
    return await Promise.race([result, fired.promise]);
  } finally {
    signal.removeEventListener('abort', onAbort);
  }
}
