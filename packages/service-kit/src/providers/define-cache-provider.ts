import type { CacheStore, CoordinatedCacheStore } from '@sorcha/storage';
import { z } from 'zod';
import { dropUnset } from '../config/drop-unset.ts';
import { findSecrets } from '../config/redact-secrets.ts';
import { wholeNumberSetting } from '../config/settings.ts';
import { defineProvider, type Inspected, type Provider } from './provider.ts';

const MAX_WAIT_MS = 2_147_483_647;
const MAX_TTL_MS = 31_536_000_000;

/** What every cache does beyond its provider; the names and defaults of `HotCacheOptions`. Units are milliseconds. */
const hotSettings = {
  ttlMs: wholeNumberSetting(1, MAX_TTL_MS, 'in milliseconds').default(900_000),
  graceMs: wholeNumberSetting(0, MAX_TTL_MS, 'in milliseconds').default(0),
  jitterPercent: wholeNumberSetting(0, 100, 'in percent of the time to live').default(0),
  factorySoftTimeoutMs: wholeNumberSetting(1, MAX_WAIT_MS, 'in milliseconds').optional(),
  factoryHardTimeoutMs: wholeNumberSetting(1, MAX_WAIT_MS, 'in milliseconds').optional(),
  deadlineMs: wholeNumberSetting(10, 60_000, 'in milliseconds').default(250),
  patternDeadlineMs: wholeNumberSetting(10, 600_000, 'in milliseconds').default(5_000),
  breakerFailures: wholeNumberSetting(1, 1_000).default(5),
  breakMs: wholeNumberSetting(1, MAX_WAIT_MS, 'in milliseconds').default(30_000),
};

type HotSettings = z.output<z.ZodObject<typeof hotSettings>>;

/** Opens the store with the settings of the provider and those of every cache. */
type Open<S extends z.ZodRawShape, T extends CacheStore> = (
  settings: z.output<z.ZodObject<S>>,
  hot: HotSettings,
) => Promise<T>;

/** How long the start waits for a cache before it goes on without it, in milliseconds. */
const START_WAIT_MS = 3_000;

/**
 * Adds a provider of caches. What it opens is put behind a hot cache (`createHotCache` of `@sorcha/storage/layers`), whose
 * settings stand beside those of the provider.
 *
 * A cache is optional: when it fails to open with `UNAVAILABLE` or `TIMEOUT`, the start goes on without it, and it is tried again
 * in the background. `INVALID` and `INCOMPATIBLE_SERVER` end the start.
 *
 * @param options.open opens the store.
 * @param options.openCoordinated instead of `open`, for a store that several processes use at once.
 */
export function defineCacheProvider<S extends z.ZodRawShape>(
  options: {
    readonly name: string;
    readonly settings: S;
    readonly blame?: (error: unknown, settings: z.output<z.ZodObject<S>>) => string | undefined;
  } & ({ readonly open: Open<S, CacheStore> } | { readonly openCoordinated: Open<S, CoordinatedCacheStore> }),
): Provider<'cache'> {
  const { name, settings, blame } = options;
  const split = (chosen: object) => ({
    // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- the shape of the provider is a part of what was checked
    own: chosen as z.output<z.ZodObject<S>>,
    hot: z.object(hotSettings).parse(chosen),
  });
  const openNow: Open<S, CacheStore> = 'open' in options ? options.open : options.openCoordinated;
  const openInTime = async (chosen: object, waitMs: number): Promise<CacheStore> => {
    const { openLateCacheStore, openLateCoordinatedStore } = await import('./open-late-cache-store.ts');
    const { own, hot } = split(chosen);
    const late = { provider: name, waitMs, secrets: findSecrets(chosen) };
    return 'open' in options
      ? openLateCacheStore(async () => options.open(own, hot), late)
      : openLateCoordinatedStore(async () => options.openCoordinated(own, hot), late);
  };
  return defineProvider({
    port: 'cache',
    name,
    settings: { ...settings, ...hotSettings },
    ...(blame === undefined ? {} : { blame: (error, chosen) => blame(error, split(chosen).own) }),
    inspect: async (chosen) => {
      const { own, hot } = split(chosen);
      const store = await openNow(own, hot);
      try {
        const { status, detail } = await store.health();
        const found: Inspected = { status, detail };
        return [found];
      } finally {
        await store.close();
      }
    },
    open:
      (chosen) =>
      async ({ waitMs = START_WAIT_MS } = {}) => {
        const { jitterPercent, ...rest } = split(chosen).hot;
        const { createHotCache } = await import('@sorcha/storage/layers');
        const store = await openInTime(chosen, Math.min(waitMs, START_WAIT_MS));
        return createHotCache(store, { ...dropUnset(rest), jitter: jitterPercent / 100 });
      },
  });
}
