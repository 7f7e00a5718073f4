import { StorageError, type StorageErrorCode } from '@sorcha/storage';
import { ClientClosedError, ClientOfflineError, ErrorReply } from 'redis';

/** What the error codes of Redis mean, by the first word of the reply. In all these cases the server did nothing. */
const REFUSALS: ReadonlyMap<string, string> = new Map([
  ['OOM', 'has no memory left and evicts nothing; raise its maxmemory or set a maxmemory-policy such as allkeys-lru'],
  ['READONLY', 'is a read-only replica; connect to its master'],
  ['LOADING', 'is still loading its data; try again'],
  ['MASTERDOWN', 'is a replica that lost its master; connect to a master'],
  ['MISCONF', 'refuses writes because it cannot save its data; look at its log and disk'],
  ['NOREPLICAS', 'refuses writes because it has too few replicas'],
  ['BUSY', 'is busy with a script of somebody; end it with SCRIPT KILL'],
  ['CLUSTERDOWN', 'belongs to a cluster that is down; look at CLUSTER INFO'],
  ['TRYAGAIN', 'is moving that key to another node; try again'],
  ['NOPERM', 'does not let this user do that; look at its ACL'],
  ['NOAUTH', 'does not know who we are any more; look at its ACL'],
]);

/** The error of a call for what the client reported of it; the original is its cause. */
export function toStorageError(
  error: unknown,
  call: { readonly address: string; readonly isWrite: boolean },
): StorageError {
  const server = `Redis at ${call.address}`;
  if (error instanceof StorageError) {
    return error;
  }
  if (error instanceof ErrorReply) {
    const advice = REFUSALS.get(readReplyCode(error) ?? '') ?? 'refused the command';
    return new StorageError('UNAVAILABLE', `${server} ${advice} (Redis: ${error.message}).`, { cause: error });
  }
  if (isBeforeSending(error)) {
    const detail = error instanceof Error ? ` (${error.message})` : '';
    return new StorageError('UNAVAILABLE', `${server} cannot be asked now; nothing was sent${detail}.`, {
      cause: error,
    });
  }
  const loss = `The connection to ${server} was lost before the reply came`;
  return call.isWrite
    ? new StorageError('OUTCOME_UNKNOWN', `${loss}; the write may have taken effect.`, { cause: error })
    : new StorageError('UNAVAILABLE', `${loss}.`, { cause: error });
}

/** The error of a call whose reply did not come in time. */
export function toLateError(what: string, isWrite: boolean, cause?: unknown): StorageError {
  const code: StorageErrorCode = isWrite ? 'OUTCOME_UNKNOWN' : 'TIMEOUT';
  const outcome = isWrite ? '; the write may have taken effect' : '';
  return new StorageError(code, `${what}${outcome}.`, cause === undefined ? {} : { cause });
}

/** The code that begins an error reply: `OOM`, `NOSCRIPT`, ...; `undefined` for other errors. */
export function readReplyCode(error: unknown): string | undefined {
  return error instanceof ErrorReply ? error.message.split(' ', 1)[0] : undefined;
}

function isBeforeSending(error: unknown): boolean {
  return (
    error instanceof ClientOfflineError ||
    error instanceof ClientClosedError ||
    (error instanceof Error && error.message === 'The queue is full')
  );
}
