import { StorageError } from '@sorcha/storage';
import type { Command } from './connection/open-session.ts';
import { readReplyCode } from './connection/to-storage-error.ts';
import type { KeySpace } from './key-space.ts';
import type { Router } from './routing/router.ts';
import { runScript } from './run-script.ts';
import { increment, lease, readWithTtl, release, remove, setIfLeased } from './scripts.ts';

/** What a user needs, in the language of `ACL SETUSER`. `client|kill` is wanted, not needed. */
export function neededRights(keySpace: KeySpace): string {
  return `~${keySpace.start}* +get +set +getrange +unlink +pttl +time +scan +eval +evalsha +ping +client|info +client|kill +client|tracking`;
}

/**
 * Does on every server what the store will do, on a key of its own that no call can name. `INVALID` names the rights that are
 * missing; `UNAVAILABLE` says why the server cannot be written.
 */
export async function proveRights(router: Router, keySpace: KeySpace): Promise<void> {
  const masters = router.masters().filter((link) => link.status === 'up');
  await Promise.all(
    masters.map(async (link) => {
      const key = router.keyOn(link, `${keySpace.start}\u0001probe`);
      if (key === undefined) {
        return;
      }
      const token = 'probe';
      const options = { isWrite: true };
      const send = async (command: Command) => link.send(command, options);
      const run = async (script: typeof remove, ...args: string[]) =>
        runScript(send, { script, keys: [key], args }, options);
      try {
        await send(['PING']);
        await send(['SET', key, '1', 'PX', '1000']);
        await send(['GET', key]);
        await send(['GETRANGE', key, '0', '0']);
        await send(['SCAN', '0', 'MATCH', key, 'COUNT', '1']);
        await run(increment, '1', '1000');
        await run(readWithTtl);
        await run(lease, token, '1000');
        await run(setIfLeased, token, '1', '1000');
        await run(release, token);
        await run(remove);
      } catch (error) {
        throw toProofError(error, link.address, keySpace);
      }
    }),
  );
}

function toProofError(error: unknown, address: string, keySpace: KeySpace): unknown {
  if (error instanceof StorageError && (error.code === 'OUTCOME_UNKNOWN' || error.code === 'TIMEOUT')) {
    // What may have been written is our own key, which ends by itself.
    const message = `Redis at ${address} greets and then does not answer in time; look at its load, or raise deadlineMs.`;
    return new StorageError('UNAVAILABLE', message, { cause: error });
  }
  const reply = error instanceof StorageError ? error.cause : undefined;
  // A script that may not do something says so at the end of a longer message.
  const isRefused =
    reply instanceof Error &&
    (readReplyCode(reply) === 'NOPERM' || /NOPERM|user executing the script/.test(reply.message));
  if (!isRefused) {
    return error;
  }
  const message = `The user has too few rights on Redis at ${address} (Redis: ${reply.message}). Grant: ${neededRights(keySpace)}.`;
  return new StorageError('INVALID', message, { cause: reply });
}
