import type { StorageError } from '@sorcha/storage';

/** A signal that ends a wait, and the error that the wait then ends with. */
export interface EndOfWait {
  readonly signal: AbortSignal | undefined;
  readonly toError: () => StorageError;
}

/** Waits for a result until one of the signals fires. What produces the result goes on. */
export async function waitUnlessFired<T>(result: Promise<T>, ends: readonly EndOfWait[]): Promise<T> {
  const fired = Promise.withResolvers<never>();
  const listeners = ends.map(({ signal, toError }) => ({ signal, listen: () => fired.reject(toError()) }));
  for (const { signal, listen } of listeners) {
    signal?.addEventListener('abort', listen, { once: true });
    if (signal?.aborted === true) {
      listen();
    }
  }
  try {
    return await Promise.race([result, fired.promise]);
  } finally {
    for (const { signal, listen } of listeners) {
      signal?.removeEventListener('abort', listen);
    }
  }
}
