import { checkTtlMs } from '../checks/check-cache-entry.ts';
import { checkWholeNumber } from '../checks/check-whole-number.ts';
import { StorageError } from '../storage-error.ts';
import type { HotReadOptions } from './hot-cache.ts';
import { systemTimers, type Timers } from './timers.ts';

const MAX_MS = 31_536_000_000;
/** The longest time that a timer of the machine can wait. */
const MAX_WAIT_MS = 2 ** 31 - 1;
const MAX_LEASE_MS = 3_600_000;
const MAX_MARKS = 1_000_000;

/** Options of `createHotCache`. Times are whole milliseconds. */
export interface HotCacheOptions {
  /** Time to live of what is written without one. Default `DEFAULT_TTL_MS`; it takes the place of the store's own. */
  readonly ttlMs?: number;
  /** See `HotWriteOptions`. Default 0. */
  readonly graceMs?: number;
  /** Up to which part of its time to live an entry ends earlier, at random, so that entries made together do not end together: 0 to 1, default 0. */
  readonly jitter?: number;
  /** See `HotReadOptions`. Default: no limit. */
  readonly factorySoftTimeoutMs?: number;
  /** See `HotReadOptions`. Default: no limit. */
  readonly factoryHardTimeoutMs?: number;
  /** See `HotReadOptions`. Default `true`: `null` is a value. */
  readonly cacheNull?: boolean;
  /** After a value in its time of grace was served for a factory that failed: how long the factory is left alone. Default 1,000. */
  readonly factoryPauseMs?: number;
  /** How long a call of the store may take. After a failure it is a tenth of that, or four times what answers usually take, until a call works. Default 250. */
  readonly deadlineMs?: number;
  /** As `deadlineMs`, for `removeByPattern`. Default 5,000. */
  readonly patternDeadlineMs?: number;
  /** After how many failures in a row the store is left alone. Default 5. */
  readonly breakerFailures?: number;
  /** How long it is left alone before it is probed, in the background. Default 30,000. */
  readonly breakMs?: number;
  /**
   * How long one process may make a value while the others wait; then one of them begins as well. Only with a `CoordinatedCacheStore`.
   * Default: the hard timeout, or else 10,000.
   */
  readonly leaseMs?: number;
  /** How many keys changed during an outage are remembered; with more, everything in the store is removed after it. Default 10,000. */
  readonly maxDistrustedKeys?: number;
  /** What `increment` does during an outage. `fail` (default): fails. `alone`: counts in this process only, and forgets the count after it. */
  readonly countDuringOutage?: 'fail' | 'alone';
  readonly timers?: Timers;
  /** Where jitter comes from: numbers from 0 up to 1. Default `Math.random`. */
  readonly random?: () => number;
}

/** The options of a hot cache, checked and complete. */
export type HotSettings = Required<Omit<HotCacheOptions, 'factorySoftTimeoutMs' | 'factoryHardTimeoutMs'>> & {
  readonly factorySoftTimeoutMs: number | undefined;
  readonly factoryHardTimeoutMs: number | undefined;
};

/** How one call of `getOrSet` is to be done. */
export type FactoryPlan = Pick<
  HotSettings,
  'ttlMs' | 'graceMs' | 'factorySoftTimeoutMs' | 'factoryHardTimeoutMs' | 'cacheNull'
>;

/** Checks the options of a hot cache and completes them. `INVALID` names the one that is out of its bounds. */
export function toHotSettings(options: HotCacheOptions): HotSettings {
  const { factorySoftTimeoutMs, factoryHardTimeoutMs, countDuringOutage = 'fail', jitter = 0 } = options;
  if (!(jitter >= 0 && jitter <= 1)) {
    throw new StorageError('INVALID', `jitter is ${String(jitter)}; it must be a number from 0 to 1.`);
  }
  if (countDuringOutage !== 'fail' && countDuringOutage !== 'alone') {
    throw new StorageError('INVALID', `countDuringOutage is ${String(countDuringOutage)}; use "fail" or "alone".`);
  }
  const wait = (name: keyof HotCacheOptions, ms: number, min = 1) =>
    checkWholeNumber(ms, name, { min, max: MAX_WAIT_MS });
  const leaseMs = options.leaseMs ?? Math.min(factoryHardTimeoutMs ?? 10_000, MAX_LEASE_MS);
  return {
    ttlMs: checkTtlMs(options.ttlMs),
    graceMs: checkGraceMs(options.graceMs ?? 0),
    jitter,
    factorySoftTimeoutMs: checkTimeoutMs('factorySoftTimeoutMs', factorySoftTimeoutMs),
    factoryHardTimeoutMs: checkTimeoutMs('factoryHardTimeoutMs', factoryHardTimeoutMs),
    cacheNull: options.cacheNull ?? true,
    factoryPauseMs: wait('factoryPauseMs', options.factoryPauseMs ?? 1_000, 0),
    deadlineMs: wait('deadlineMs', options.deadlineMs ?? 250),
    patternDeadlineMs: wait('patternDeadlineMs', options.patternDeadlineMs ?? 5_000),
    breakerFailures: checkWholeNumber(options.breakerFailures ?? 5, 'breakerFailures', { min: 1 }),
    breakMs: wait('breakMs', options.breakMs ?? 30_000),
    leaseMs: checkWholeNumber(leaseMs, 'leaseMs', { min: 1, max: MAX_LEASE_MS }),
    maxDistrustedKeys: checkWholeNumber(options.maxDistrustedKeys ?? 10_000, 'maxDistrustedKeys', {
      min: 1,
      max: MAX_MARKS,
    }),
    countDuringOutage,
    timers: options.timers ?? systemTimers,
    random: options.random ?? Math.random,
  };
}

/** Completes the options of one call with those of the cache. `INVALID` names the one that is out of its bounds. */
export function toFactoryPlan(settings: HotSettings, call: HotReadOptions | undefined): FactoryPlan {
  if (call === undefined) {
    return settings;
  }
  return {
    ttlMs: checkTtlMs(call.ttlMs === undefined ? settings.ttlMs : call.ttlMs),
    graceMs: checkGraceMs(call.graceMs ?? settings.graceMs),
    factorySoftTimeoutMs: checkTimeoutMs(
      'factorySoftTimeoutMs',
      call.factorySoftTimeoutMs ?? settings.factorySoftTimeoutMs,
    ),
    factoryHardTimeoutMs: checkTimeoutMs(
      'factoryHardTimeoutMs',
      call.factoryHardTimeoutMs ?? settings.factoryHardTimeoutMs,
    ),
    cacheNull: call.cacheNull ?? settings.cacheNull,
  };
}

/** Checks a time of grace: 0 to 365 days, in milliseconds. */
export function checkGraceMs(graceMs: number): number {
  return checkWholeNumber(graceMs, 'graceMs', { min: 0, max: MAX_MS });
}

/** For how long an entry is kept in the store: its time to live and its time of grace, within what a store keeps. */
export function toKeptMs(ttlMs: number, graceMs: number): number {
  return Math.min(ttlMs + graceMs, MAX_MS);
}

function checkTimeoutMs(name: string, ms: number | undefined): number | undefined {
  return ms === undefined ? undefined : checkWholeNumber(ms, name, { min: 1, max: MAX_WAIT_MS });
}
