/**
 * Real servers for tests: started on free ports in temporary folders, killed, frozen and restarted at will, and gone
 * when the process of the tests is.
 */
export { MissingServerError } from './missing-server.ts';
export type { MongoEngine, MongoServer } from './mongo/mongo-server.ts';
export { startMongo } from './mongo/start-mongo.ts';
export type { PostgresServer } from './postgres/postgres-server.ts';
export { type PostgresOptions, startPostgres } from './postgres/start-postgres.ts';
export { type RedisOptions, startRedis } from './redis/start-redis.ts';
export { type RedisCluster, type RedisClusterOptions, startRedisCluster } from './redis/start-redis-cluster.ts';
export type { ServerOptions, TestServer } from './test-server.ts';
