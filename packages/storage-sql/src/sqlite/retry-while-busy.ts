import { setTimeout as wait } from 'node:timers/promises';
import type { CallOptions } from '@sorcha/storage';
import { checkSignal } from '@sorcha/storage/provider';
import { isBusy } from './map-sqlite-error.ts';

/** How long a caller waits for a lock that another process holds, unless it says otherwise. */
export const DEFAULT_BUSY_TIMEOUT_MS = 5_000;

const FIRST_WAIT_MS = 2;
const LONGEST_WAIT_MS = 50;

/**
 * Tries again while another connection holds a lock, until `busyTimeoutMs` have passed, then gives up with the error of the
 * last attempt. Waits between the attempts leave the event loop free, unlike a long busy timeout of SQLite, and are
 * random within bounds so that two waiters do not meet again and again.
 */
export async function retryWhileBusy<T>(
  attempt: () => T | Promise<T>,
  busyTimeoutMs: number,
  options?: CallOptions,
): Promise<T> {
  const deadline = performance.now() + busyTimeoutMs;
  for (let longestMs = FIRST_WAIT_MS; ; longestMs = Math.min(longestMs * 2, LONGEST_WAIT_MS)) {
    checkSignal(options);
    try {
      return await attempt();
    } catch (error) {
      if (!isBusy(error) || performance.now() >= deadline) {
        throw error;
      }
    }
    await waitUnlessAborted(longestMs * (0.5 + Math.random() / 2), options);
  }
}

async function waitUnlessAborted(delayMs: number, options: CallOptions | undefined): Promise<void> {
  try {
    await wait(delayMs, undefined, options?.signal === undefined ? {} : { signal: options.signal });
  } catch {
    // Only the signal ends the wait early; the next check reports it.
  }
}
