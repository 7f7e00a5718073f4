/** What a hot cache counts as it happens; see `HotCacheReport`. */
export interface HotCounts {
  hits: number;
  misses: number;
  sets: number;
  removals: number;
  outages: number;
  joined: number;
  staleServed: number;
  factoryCalls: number;
  factoryFailures: number;
  factoryTimeouts: number;
  outdated: number;
}

/** Creates counts that are all 0. */
export function createHotCounts(): HotCounts {
  return {
    hits: 0,
    misses: 0,
    sets: 0,
    removals: 0,
    outages: 0,
    joined: 0,
    staleServed: 0,
    factoryCalls: 0,
    factoryFailures: 0,
    factoryTimeouts: 0,
    outdated: 0,
  };
}
