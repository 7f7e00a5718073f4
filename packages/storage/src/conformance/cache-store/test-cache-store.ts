import { createFact } from '../create-fact.ts';
import type { SuiteRunner } from '../suite-runner.ts';
import type { CacheProvider } from './cache-provider.ts';
import { describeCounters } from './counters.ts';
import { describeFactories } from './factories.ts';
import { describeCacheLifecycle } from './lifecycle.ts';
import { describePatterns } from './patterns.ts';
import { describeTimeToLive } from './time-to-live.ts';
import { describeValues } from './values.ts';

/** Declares the conformance suite of `CacheStore` for a provider. */
export function testCacheStore(runner: SuiteRunner, provider: CacheProvider): void {
  const fact = createFact(runner, async () => provider.open());
  runner.describe(`CacheStore on ${provider.name}`, () => {
    runner.describe('values and keys', () => describeValues(fact));
    runner.describe('time to live', () => describeTimeToLive(fact));
    runner.describe('getOrSet', () => describeFactories(fact));
    runner.describe('increment', () => describeCounters(fact));
    runner.describe('removeByPattern', () => describePatterns(fact));
    runner.describe('statistics, signals, health and close', () => describeCacheLifecycle(fact));
  });
}
