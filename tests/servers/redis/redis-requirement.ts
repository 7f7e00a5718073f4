import { defineDebianServer } from '../install/debian-server.ts';

/** Redis, or a server that is called like it. */
export const redisRequirement = defineDebianServer({
  name: 'Redis',
  variable: 'REDIS_URL',
  program: 'redis-server',
  debianPackage: 'redis-server',
});
