import type { CallOptions } from '../ports/call-options.ts';
import { StorageError } from '../storage-error.ts';
import { checkOptions } from './check-options.ts';

/** Ends a call whose signal has fired: `TIMEOUT`. Called before anything has an effect. `INVALID` when the options are none. */
export function checkSignal(options: CallOptions | undefined): void {
  checkOptions(options);
  if (options?.signal?.aborted === true) {
    const cause: unknown = options.signal.reason;
    throw new StorageError('TIMEOUT', 'The signal of the call fired before it had an effect.', { cause });
  }
}
