import { setTimeout as wait } from 'node:timers/promises';
import type { CallOptions } from '@sorcha/storage';
import { checkSignal } from '@sorcha/storage/provider';
import { isConflict } from './map-postgres-error.ts';

/** How often work is run at most, and how long the waits in between are. */
export const MAX_ATTEMPTS = 6;
const FIRST_WAIT_MS = 4;
const LONGEST_WAIT_MS = 200;

/**
 * Runs work again that the server took back because of a concurrent transaction, up to {@link MAX_ATTEMPTS} times, then gives up
 * with the last error. The waits are random, so that two that got in each other's way do not do so again.
 */
export async function retryConflicts<T>(attempt: () => Promise<T>, options: CallOptions | undefined): Promise<T> {
  for (let count = 1, longestMs = FIRST_WAIT_MS; ; count += 1, longestMs = Math.min(longestMs * 3, LONGEST_WAIT_MS)) {
    try {
      return await attempt();
    } catch (error) {
      if (!isConflict(error) || count >= MAX_ATTEMPTS) {
        throw error;
      }
    }
    const signal = options?.signal;
    // Only the signal ends the wait early; the check reports it.
    await wait(longestMs * Math.random(), undefined, signal === undefined ? {} : { signal }).catch(() => undefined);
    checkSignal(options);
  }
}
