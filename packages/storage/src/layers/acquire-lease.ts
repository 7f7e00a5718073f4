import type { JsonValue } from '../json-value.ts';
import type { CoordinatedCacheStore } from '../ports/coordinated-cache-store.ts';
import { sortByAge } from './grace-envelope.ts';
import type { HotCore } from './hot-core.ts';
import { isOutage } from './outage.ts';

const FIRST_WAIT_MS = 5;
const LONGEST_WAIT_MS = 50;

/** How the request for a lease ended. */
export interface Acquired {
  /** The lease, when it was granted. */
  readonly token: string | undefined;
  /** The value that somebody else made meanwhile. */
  readonly fresh: JsonValue | undefined;
}

/**
 * Asks for the lease of a key until it is granted, another process has made the value, or nobody waits for it any more. With
 * neither lease nor value, the store was out: the value can be made, but not kept.
 */
export async function acquireLease(
  core: HotCore,
  leases: CoordinatedCacheStore,
  key: string,
  isWanted: () => boolean,
): Promise<Acquired> {
  const { guard, settings } = core;
  const { timers, leaseMs, random } = settings;
  const token = core.nextToken();
  let waitMs = FIRST_WAIT_MS;
  while (isWanted()) {
    const answer = await guard.ask(async () => leases.lease(key, token, { ttlMs: leaseMs }));
    if (isOutage(answer)) {
      releaseLease(core, leases, key, token);
      break;
    }
    const { fresh } = sortByAge(answer.value, timers);
    if (answer.isGranted && fresh === undefined) {
      return { token, fresh };
    }
    if (answer.isGranted) {
      releaseLease(core, leases, key, token);
    }
    if (fresh !== undefined) {
      return { token: undefined, fresh };
    }
    const pauseMs = waitMs * (0.5 + random() / 2);
    await new Promise<void>((resolve) => {
      timers.after(pauseMs, resolve);
    });
    waitMs = Math.min(waitMs * 2, LONGEST_WAIT_MS);
  }
  return { token: undefined, fresh: undefined };
}

/** Gives a lease back, in the background. When that fails, its time ends it. */
export function releaseLease(core: HotCore, leases: CoordinatedCacheStore, key: string, token: string): void {
  // A store that was closed meanwhile has no leases to give back.
  core.guard.ask(async () => leases.release(key, token)).catch(() => undefined);
}
