import { createFact } from '../create-fact.ts';
import type { SuiteRunner } from '../suite-runner.ts';
import { describeAppends } from './appends.ts';
import { describeWormConcurrency } from './concurrency.ts';
import { describeDamage, describeIntegrity } from './damage.ts';
import { describeWormDurability } from './durability.ts';
import { entry, rawText, shortText } from './entry.ts';
import { describeExactBytes } from './exact-bytes.ts';
import { describeWormLifecycle } from './lifecycle.ts';
import { describeReads } from './reads.ts';
import { describeWormRefusals } from './refusals.ts';
import { describeSearches } from './searches.ts';
import { describeSizes } from './sizes.ts';
import { describeStreams } from './streams.ts';
import type { WormProvider } from './worm-provider.ts';

/** Declares the conformance suite of `WormStore` for a provider. */
export function testWormStore(runner: SuiteRunner, provider: WormProvider): void {
  const fact = createFact(runner, async () => provider.open(entry));
  runner.describe(`WormStore on ${provider.name}`, () => {
    runner.describe('appends', () => describeAppends(fact));
    runner.describe('exact bytes and seals', () =>
      describeExactBytes(createFact(runner, async () => provider.open(rawText))),
    );
    runner.describe('reads', () => describeReads(fact));
    runner.describe('streams', () => describeStreams(fact));
    runner.describe('searches', () => describeSearches(fact));
    runner.describe('what is refused', () => describeWormRefusals(fact));
    runner.describe('concurrent calls', () => describeWormConcurrency(fact));
    runner.describe('integrity', () => describeIntegrity(fact));
    runner.describe('damage', () => describeDamage(createFact(runner, async () => provider.open(entry))));
    runner.describe('sizes', () => describeSizes(createFact(runner, async () => provider.open(shortText))));
    runner.describe('enforcement, signals, health and close', () => describeWormLifecycle(fact, provider.enforcement));
    if (provider.isDurable) {
      runner.describe('durability', () => describeWormDurability(createFact(runner, async () => provider.open(entry))));
    }
  });
}
