import { setTimeout as sleep } from 'node:timers/promises';
import { StorageError } from '@sorcha/storage';
import { checkMode, findRoleProblem, type Greeting } from './connection/greeting.ts';
import { CONNECT_TIMEOUT_MS, createLink, type LinkOptions } from './connection/link.ts';
import { openSession } from './connection/open-session.ts';
import { addressOf } from './endpoint.ts';
import { proveRights } from './prove-rights.ts';
import type { RedisCacheSettings } from './redis-cache-options.ts';
import { openClusterRouter } from './routing/cluster-router.ts';
import { createSingleRouter, type Router } from './routing/router.ts';

const RETRY_MS = 100;

/**
 * Connects and proves that the store can work: kind and version of the server, sign-in, rights, that it can be written. Waits
 * only for a server that is loading its data. `INVALID`, `INCOMPATIBLE_SERVER` or `UNAVAILABLE` say what is wrong.
 */
export async function openRouter(
  settings: RedisCacheSettings,
  events: Pick<LinkOptions, 'onChange' | 'onStatus'>,
): Promise<Router> {
  const giveUpAt = performance.now() + settings.startTimeoutMs;
  for (;;) {
    try {
      return await openOnce(settings, events, giveUpAt);
    } catch (error) {
      const isLoading = error instanceof StorageError && String(error.cause).includes('LOADING');
      if (!isLoading || performance.now() > giveUpAt) {
        throw error;
      }
      await sleep(RETRY_MS);
    }
  }
}

async function openOnce(
  settings: RedisCacheSettings,
  events: Pick<LinkOptions, 'onChange' | 'onStatus'>,
  giveUpAt: number,
): Promise<Router> {
  const { endpoints, isCluster, deadlineMs, keySpace } = settings;
  const [endpoint] = endpoints;
  const connectTimeoutMs = Math.max(1, Math.min(CONNECT_TIMEOUT_MS, giveUpAt - performance.now()));
  const link = { ...events, deadlineMs, checkGreeting: findRoleProblem };
  if (isCluster) {
    const router = await openClusterRouter({ seeds: endpoints, link, connectTimeoutMs });
    return prove(router, keySpace);
  }
  const session = await openSession({ endpoint, timeoutMs: connectTimeoutMs, settleMs: 0, onChange: events.onChange });
  try {
    checkSingle(session.greeting, addressOf(endpoint));
  } catch (error) {
    session.destroy();
    throw error;
  }
  return prove(createSingleRouter(createLink({ ...link, endpoint }, session)), keySpace);
}

async function prove(router: Router, keySpace: RedisCacheSettings['keySpace']): Promise<Router> {
  try {
    await proveRights(router, keySpace);
    return router;
  } catch (error) {
    await router.close();
    throw error;
  }
}

function checkSingle(greeting: Greeting, address: string): void {
  checkMode(greeting, 'standalone', address);
  const problem = findRoleProblem(greeting, address);
  if (problem !== undefined) {
    throw problem;
  }
}
