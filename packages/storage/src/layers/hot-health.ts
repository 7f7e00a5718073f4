import type { StoreHealth } from '../ports/store-health.ts';
import type { HotCore } from './hot-core.ts';

/** The health of a hot cache: that of its store, but a store that is out is a restriction and no failure. */
export async function toHotHealth({ isClosed, store, guard, distrust }: HotCore): Promise<StoreHealth> {
  if (isClosed) {
    return { status: 'fail', provider: store.provider, detail: 'The cache is closed; open it again.', latencyMs: 0 };
  }
  const health = await guard.health();
  if (health.status === 'fail') {
    return { ...health, status: 'warn', detail: `The cache goes on without its store, which is out: ${health.detail}` };
  }
  if (!guard.isReachable) {
    const detail = 'The store answers, but failed before: the cache goes on without it until it was probed.';
    return { ...health, status: 'warn', detail };
  }
  if (distrust.size > 0) {
    const detail = `${distrust.size} keys or patterns were changed while the store was out and are still to be removed from it.`;
    return { ...health, status: 'warn', detail };
  }
  return health;
}
