import { StorageError, type StoreHealth } from '@sorcha/storage';
import { ErrorReply } from 'redis';
import type { Link } from './connection/link.ts';
import type { KeySpace } from './key-space.ts';
import type { Router } from './routing/router.ts';

interface Problem {
  readonly text: string;
  /** Whether the server answered: it can still be read. */
  readonly isAnswered: boolean;
}

/** Writes a key of our own, which nobody can name, to every server that has keys. Never throws. */
export async function checkHealth(router: Router, keySpace: KeySpace, signal?: AbortSignal): Promise<StoreHealth> {
  const startedAt = performance.now();
  const masters = router.masters();
  const problems = await Promise.all(masters.map(async (link) => findProblem(router, link, keySpace, signal)));
  const latencyMs = performance.now() - startedAt;
  const first = problems.find((problem) => problem !== undefined);
  if (first === undefined && router.isComplete) {
    const names = masters.map(({ address, greeting }) => `${address} (${greeting?.server} ${greeting?.version})`);
    return { status: 'pass', provider: 'redis', detail: `A key was written on ${names.join(', ')}.`, latencyMs };
  }
  const works = problems.some((problem) => problem === undefined || problem.isAnswered);
  const detail = first?.text ?? 'Some slots of the cluster have no server now; look at CLUSTER SLOTS.';
  return { status: works ? 'warn' : 'fail', provider: 'redis', detail, latencyMs };
}

async function findProblem(
  router: Router,
  link: Link,
  keySpace: KeySpace,
  signal: AbortSignal | undefined,
): Promise<Problem | undefined> {
  if (signal?.aborted === true) {
    return { text: 'The signal of the call fired before it had an effect.', isAnswered: false };
  }
  try {
    const key = router.keyOn(link, `${keySpace.start}\u0001health`);
    const command = key === undefined ? ['PING'] : ['SET', key, '1', 'PX', '1000'];
    await link.send(command, { isWrite: false, signal });
    return undefined;
  } catch (error) {
    const isAnswered = error instanceof StorageError && error.cause instanceof ErrorReply;
    return { text: error instanceof Error ? error.message : String(error), isAnswered };
  }
}
