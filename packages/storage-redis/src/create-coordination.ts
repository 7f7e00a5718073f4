import { type CoordinatedCacheStore, StorageError } from '@sorcha/storage';
import { checkWholeNumber } from '@sorcha/storage/provider';
import { toList } from './connection/to-list.ts';
import type { Invalidations } from './invalidations.ts';
import { lease, readWithTtl, release, setIfLeased } from './scripts.ts';
import type { StoreCore } from './store-core.ts';
import { MAX_TOKEN_LENGTH } from './values/value-format.ts';

const MAX_LEASE_MS = 3_600_000;
const TOKEN = new RegExp(`^[A-Za-z0-9_-]{1,${MAX_TOKEN_LENGTH}}$`);

/** Creates the calls with which several processes make one value once, and hear of each other's changes. */
export function createCoordination(
  core: StoreCore,
  invalidations: Invalidations,
): Pick<CoordinatedCacheStore, 'lease' | 'setIfLeased' | 'release' | 'getWithTtl' | 'onInvalidation'> {
  const { settings, counts, enterKey } = core;
  return {
    lease: async (key, token, options) => {
      const stored = enterKey(key, options);
      const ttlMs = checkWholeNumber(options.ttlMs, 'ttlMs', { min: 1, max: MAX_LEASE_MS });
      const answer = await core.run(stored, lease, [checkToken(token), String(ttlMs)], options);
      const [isGranted, held] = toList(answer);
      return { isGranted: isGranted === 1, value: core.decode(held) };
    },
    setIfLeased: async (key, token, value, call) => {
      const stored = enterKey(key, call);
      const ttlMs = core.ttlOf(call);
      const args = [checkToken(token), core.encode(value, key), String(ttlMs)];
      const isWritten = (await core.run(stored, setIfLeased, args, call)) === 1;
      counts.sets += Number(isWritten);
      return isWritten;
    },
    release: async (key, token, call) => {
      const stored = enterKey(key, call);
      await core.run(stored, release, [checkToken(token)], call);
    },
    getWithTtl: async (key, call) => {
      const stored = enterKey(key, call);
      const answer = await core.run(stored, readWithTtl, [], call);
      const [held, leftMs] = toList(answer);
      // 0: it is about to go. Below 0: somebody took its end away, so it stays longer than anything that is said here.
      const value = leftMs === 0 ? undefined : core.decode(held);
      const ttlMs = typeof leftMs === 'number' && leftMs > 0 ? leftMs : settings.ttlMs;
      return core.count(value === undefined ? undefined : { value, ttlMs });
    },
    onInvalidation: (listener) => {
      core.enter(undefined);
      return invalidations.listen(listener);
    },
  };
}

function checkToken(token: string): string {
  if (typeof token !== 'string' || !TOKEN.test(token)) {
    const rule = `use 1 to ${MAX_TOKEN_LENGTH} characters of A-Z a-z 0-9 - _`;
    throw new StorageError('INVALID', `A token of a lease is refused: ${rule}.`);
  }
  return token;
}
