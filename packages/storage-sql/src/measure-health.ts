import type { StoreHealth } from '@sorcha/storage';

/** What is said of a store besides how long the trip took. */
export type Finding = Pick<StoreHealth, 'status' | 'detail'>;

/** Says how a store is; never throws. `check` makes the trip and gives the status and what to say. */
export async function measureHealth(provider: string, check: () => Promise<Finding>): Promise<StoreHealth> {
  const started = performance.now();
  const answer = ({ status, detail }: Finding): StoreHealth => ({
    status,
    provider,
    detail,
    latencyMs: performance.now() - started,
  });
  try {
    return answer(await check());
  } catch (error) {
    return answer({ status: 'fail', detail: error instanceof Error ? error.message : String(error) });
  }
}
