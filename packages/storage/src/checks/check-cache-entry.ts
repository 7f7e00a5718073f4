import { DEFAULT_TTL_MS } from '../ports/cache-store.ts';
import { checkName } from './check-text.ts';
import { checkWholeNumber } from './check-whole-number.ts';

const MAX_KEY_LENGTH = 512;
const MAX_TTL_MS = 31_536_000_000;

/** Checks a cache key: 1 to 512 characters without control characters. `INVALID` otherwise. */
export function checkCacheKey(key: string): string {
  return checkName(key, 'A cache key', MAX_KEY_LENGTH);
}

/** Checks a time to live, in milliseconds: 1 to 365 days. `INVALID` otherwise. */
export function checkTtlMs(ttlMs: number = DEFAULT_TTL_MS): number {
  return checkWholeNumber(ttlMs, 'ttlMs', { min: 1, max: MAX_TTL_MS });
}
