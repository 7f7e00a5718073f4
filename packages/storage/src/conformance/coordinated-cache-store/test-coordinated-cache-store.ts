import assert from 'node:assert/strict';
import { isCoordinatedCacheStore } from '../../ports/coordinated-cache-store.ts';
import { createFact } from '../create-fact.ts';
import type { SuiteRunner } from '../suite-runner.ts';
import type { CoordinatedProvider } from './coordinated-provider.ts';
import { describeInvalidations } from './invalidations.ts';
import { describeLeases } from './leases.ts';

/** Declares the conformance suite of `CoordinatedCacheStore` for a provider. It comes on top of that of `CacheStore`. */
export function testCoordinatedCacheStore(runner: SuiteRunner, provider: CoordinatedProvider): void {
  const fact = createFact(runner, async () => {
    const opened = await provider.open();
    const dispose = async () => {
      await opened.other.close();
      await opened.dispose?.();
    };
    return { ...opened, dispose };
  });
  runner.describe(`CoordinatedCacheStore on ${provider.name}`, () => {
    fact('says that it is one', async ({ store }) => assert.equal(isCoordinatedCacheStore(store), true));
    runner.describe('leases', () => describeLeases(fact));
    runner.describe('invalidation', () => describeInvalidations(fact));
  });
}
