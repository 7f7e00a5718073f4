export type { BreakerState } from './circuit-breaker.ts';
export { createHotCache } from './create-hot-cache.ts';
export { createNearCache, type NearCache, type NearCacheReport } from './create-near-cache.ts';
export type { HotCache, HotCacheEvent, HotCacheReport, HotReadOptions, HotWriteOptions } from './hot-cache.ts';
export type { HotCacheOptions } from './hot-cache-options.ts';
export type { Latency } from './latency-histogram.ts';
export type { NearCacheOptions } from './near-copies.ts';
export { systemTimers, type Timers } from './timers.ts';
