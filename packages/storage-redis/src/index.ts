export type { RedisTls } from './endpoint.ts';
export { openRedisCacheStore, type RedisCacheReport, type RedisCacheStore } from './open-redis-cache-store.ts';
export type { RedisCacheOptions } from './redis-cache-options.ts';
