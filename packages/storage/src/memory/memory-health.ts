import type { StoreHealth } from '../ports/store-health.ts';

/** The health of a store in memory: there is no trip that could fail, only a store that was closed. */
export function toMemoryHealth(isClosed: boolean): StoreHealth {
  return {
    status: isClosed ? 'fail' : 'pass',
    provider: 'memory',
    detail: isClosed
      ? 'The store is closed; open it again.'
      : 'Everything is kept in the memory of this process and ends with it.',
    latencyMs: 0,
  };
}
