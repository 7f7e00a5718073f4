import { createExistingServer } from '../existing-server.ts';
import type { ServerOptions, TestServer } from '../test-server.ts';
import { type RedisConfig, startRedisProcess } from './redis-process.ts';

/** Options of {@link startRedis}. */
export interface RedisOptions extends ServerOptions {
  /** Settings of `redis.conf`, by name; `requirepass` becomes part of the url. */
  readonly config?: RedisConfig;
}

/**
 * Starts a Redis, empty, on a free port of the loopback interface. Acknowledged writes survive `kill` and `restart`.
 *
 * With `REDIS_URL` set, that server is used by tests that neither harm nor configure it; what others wrote may be there.
 * Fails with `MissingServerError` when there is none.
 */
export async function startRedis(options: RedisOptions = {}): Promise<TestServer> {
  const { config = {}, faults = false } = options;
  const url = process.env['REDIS_URL'];
  if (url !== undefined && !faults && options.config === undefined) {
    return createExistingServer('REDIS_URL', url);
  }
  return startRedisProcess(config, options);
}
