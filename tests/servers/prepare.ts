import { mongoRequirement } from './mongo/mongo-requirement.ts';
import { postgresRequirement } from './postgres/postgres-requirement.ts';
import { redisRequirement } from './redis/redis-requirement.ts';

/**
 * Gets the servers that this machine does not have before any test of a lane needs them (`globalSetup` of vitest).
 *
 * What cannot be had is said here and again by each test that asks for it: it fails in CI and is skipped elsewhere.
 */
export async function setup(): Promise<void> {
  for (const requirement of [redisRequirement, postgresRequirement, mongoRequirement]) {
    if (process.env[requirement.variable] === undefined && !requirement.isHere()) {
      process.stderr.write(`${requirement.name} is not here: trying to get it\n`);
      await requirement.install().catch((error: unknown) => {
        process.stderr.write(`${describe(error)}\n`);
      });
    }
  }
}

function describe(error: unknown): string {
  if (!(error instanceof Error)) {
    return String(error);
  }
  return error.cause === undefined ? error.message : `${error.message}\n${describe(error.cause)}`;
}
