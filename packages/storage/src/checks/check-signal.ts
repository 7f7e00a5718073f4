import type { CallOptions } from '../ports/call-options.ts';
import { StorageError } from '../storage-error.ts';

/** Ends a call whose signal has fired: `TIMEOUT`. Called before anything has an effect. */
export function checkSignal(options: CallOptions | undefined): void {
  if (options?.signal?.aborted === true) {
    const cause: unknown = options.signal.reason;
    throw new StorageError('TIMEOUT', 'The signal of the call fired before it had an effect.', { cause });
  }
}
