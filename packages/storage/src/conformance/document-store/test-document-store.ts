import { createFact } from '../create-fact.ts';
import type { SuiteRunner } from '../suite-runner.ts';
import { describeBatches } from './batches.ts';
import { describeDocumentConcurrency } from './concurrency.ts';
import type { DocumentProvider } from './document-provider.ts';
import { describeDocumentDurability } from './durability.ts';
import { describeDocumentLifecycle } from './lifecycle.ts';
import { describeQueries } from './queries.ts';
import { describeRefusals } from './refusals.ts';
import { describeRoundTrips } from './round-trips.ts';
import { describeSchemas, note } from './schemas.ts';
import { specimen } from './specimen.ts';
import { describeUniqueness } from './uniqueness.ts';
import { describeVersions } from './versions.ts';

/** Declares the conformance suite of `DocumentStore` for a provider. */
export function testDocumentStore(runner: SuiteRunner, provider: DocumentProvider): void {
  const fact = createFact(runner, async () => provider.open(specimen));
  runner.describe(`DocumentStore on ${provider.name}`, () => {
    runner.describe('what comes back', () => describeRoundTrips(fact));
    runner.describe('schemas', () => describeSchemas(createFact(runner, async () => provider.open(note))));
    runner.describe('keys and versions', () => describeVersions(fact));
    runner.describe('unique values', () => describeUniqueness(fact));
    runner.describe('batches', () => describeBatches(fact));
    runner.describe('filters and orders', () => describeQueries(fact));
    runner.describe('what is refused', () => describeRefusals(fact));
    runner.describe('concurrent calls', () => describeDocumentConcurrency(fact));
    runner.describe('signals, health and close', () => describeDocumentLifecycle(fact));
    if (provider.isDurable) {
      runner.describe('durability', () =>
        describeDocumentDurability(createFact(runner, async () => provider.open(specimen))),
      );
    }
  });
}
