import { memoryProviders } from './memory.ts';
import { mongodbProviders } from './mongodb.ts';
import { postgresProviders } from './postgres.ts';
import type { PortName, Provider } from './provider.ts';
import { redisProviders } from './redis.ts';
import { sqliteProviders } from './sqlite.ts';

/** Every provider that a configuration can name without further code. */
export const PROVIDERS: readonly Provider[] = [
  ...memoryProviders,
  ...sqliteProviders,
  ...postgresProviders,
  ...mongodbProviders,
  ...redisProviders,
];

/** The providers of a port, in the order of the table. */
export function listProviders<P extends PortName>(providers: readonly Provider[], port: P): Provider<P>[] {
  return providers.filter((provider): provider is Provider<P> => provider.port === port);
}
