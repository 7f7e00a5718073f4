import { StorageError } from '@sorcha/storage';
import { type KeyPattern, matchesKeyPattern } from '@sorcha/storage/provider';
import type { Link } from './connection/link.ts';
import type { Command } from './connection/open-session.ts';
import { toList } from './connection/to-list.ts';
import { toLateError } from './connection/to-storage-error.ts';
import type { KeySpace } from './key-space.ts';
import type { Router } from './routing/router.ts';
import { runScript } from './run-script.ts';
import { remove } from './scripts.ts';

/** How many keys the server looks at in one step; it serves nobody else meanwhile. */
const SCAN_COUNT = 1_000;
/** How many keys one script removes. */
const REMOVE_COUNT = 200;

/** What {@link sweepKeys} needs. */
export interface Sweep {
  readonly router: Router;
  readonly keySpace: KeySpace;
  readonly pattern: KeyPattern;
  readonly deadlineMs: number;
  readonly signal: AbortSignal | undefined;
}

/**
 * Removes the entries whose keys match, on every server, and returns how many there were. The server finds candidates; what
 * is removed was compared again here. `OUTCOME_UNKNOWN` when it ends early and some may be gone.
 */
export async function sweepKeys(sweep: Sweep): Promise<number> {
  const { router, keySpace, pattern, deadlineMs, signal } = sweep;
  const glob = keySpace.toGlob(pattern);
  const progress = { hasRemoved: false, endsAt: performance.now() + deadlineMs };
  const onMaster = async (link: Link): Promise<number> => {
    let cursor = '0';
    let removed = 0;
    do {
      checkProgress(sweep, progress);
      const reply = await link.send(['SCAN', cursor, 'MATCH', glob, 'COUNT', String(SCAN_COUNT)], {
        isWrite: false,
        signal,
      });
      const page = parsePage(reply);
      const keys = page.keys.filter((stored) => {
        const key = keySpace.toKey(stored);
        return key !== undefined && matchesKeyPattern(pattern, key);
      });
      progress.hasRemoved ||= keys.length > 0;
      removed += await removeKeys(sweep, link, keys);
      cursor = page.cursor;
    } while (cursor !== '0');
    return removed;
  };
  if (!router.isComplete) {
    throw new StorageError('UNAVAILABLE', 'Some slots of the cluster have no server now; look at CLUSTER SLOTS.');
  }
  const counts = await settle(router.masters().map(onMaster), progress);
  return counts.reduce((sum, count) => sum + count, 0);
}

/** Waits for all servers; a failure of one leaves the outcome unknown when something may be gone already. */
async function settle(
  calls: readonly Promise<number>[],
  progress: { readonly hasRemoved: boolean },
): Promise<number[]> {
  const outcomes = await Promise.allSettled(calls);
  return outcomes.map((outcome) => {
    if (outcome.status === 'fulfilled') {
      return outcome.value;
    }
    const cause: unknown = outcome.reason;
    if (progress.hasRemoved && cause instanceof StorageError && cause.code !== 'OUTCOME_UNKNOWN') {
      throw new StorageError('OUTCOME_UNKNOWN', `Only a part was removed: ${cause.message} Repeat the call.`, {
        cause,
      });
    }
    throw cause;
  });
}

async function removeKeys({ router, signal }: Sweep, link: Link, keys: readonly string[]): Promise<number> {
  const options = { isWrite: true, signal };
  const removeBatch = async (batch: readonly string[]): Promise<number> => {
    const [first = ''] = batch;
    const send = async (command: Command) =>
      router.isCluster ? router.send(first, command, options) : link.send(command, options);
    return Number(await runScript(send, { script: remove, keys: batch, args: [] }, options));
  };
  const size = router.isCluster ? 1 : REMOVE_COUNT;
  const batches = Array.from({ length: Math.ceil(keys.length / size) }, (_, index) =>
    keys.slice(index * size, (index + 1) * size),
  );
  const counts = await Promise.all(batches.map(removeBatch));
  return counts.reduce((sum, count) => sum + count, 0);
}

function checkProgress(
  { deadlineMs, signal }: Sweep,
  progress: { readonly endsAt: number; readonly hasRemoved: boolean },
): void {
  if (signal?.aborted === true) {
    throw toLateError('The signal of the call fired', progress.hasRemoved, signal.reason);
  }
  if (performance.now() > progress.endsAt) {
    throw toLateError(`Removing by pattern took more than ${deadlineMs} ms (sweepDeadlineMs)`, progress.hasRemoved);
  }
}

function parsePage(reply: unknown): { readonly cursor: string; readonly keys: readonly string[] } {
  const [cursor, keys] = toList(reply);
  return { cursor: cursor instanceof Buffer ? cursor.toString() : '0', keys: toList(keys).map(String) };
}
