import type { StoreHealth } from '@sorcha/storage';

type Finding = Pick<StoreHealth, 'status' | 'detail'>;

/**
 * Says how a store is; never throws.
 *
 * @param check makes the trip and says what was found.
 * @param otherwise what to add to the answer when it fails.
 */
export async function measureHealth<E extends object>(
  check: () => Promise<Finding & E>,
  otherwise: E,
): Promise<StoreHealth & E> {
  const started = performance.now();
  const answer = (finding: Finding & E): StoreHealth & E => ({
    ...finding,
    provider: 'mongodb',
    latencyMs: performance.now() - started,
  });
  try {
    return answer(await check());
  } catch (error) {
    const detail = error instanceof Error ? error.message : String(error);
    return answer({ ...otherwise, status: 'fail', detail });
  }
}
