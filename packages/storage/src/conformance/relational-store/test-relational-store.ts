import { createFact } from '../create-fact.ts';
import type { SuiteRunner } from '../suite-runner.ts';
import { describeColumns } from './columns.ts';
import { describeRelationalConcurrency } from './concurrency.ts';
import { describeRelationalDurability } from './durability.ts';
import { account, part } from './entities.ts';
import { describeEntityVersions } from './entity-versions.ts';
import { describeRelationalLifecycle } from './lifecycle.ts';
import { describePages } from './pages.ts';
import { describeRelationalQueries } from './queries.ts';
import { describeRelationalRefusals } from './refusals.ts';
import type { RelationalProvider } from './relational-provider.ts';
import { describeSavepoints } from './savepoints.ts';
import { describeScans } from './scans.ts';
import { describeTenants } from './tenants.ts';
import { describeTransactions } from './transactions.ts';
import { describeUniqueColumns } from './unique-columns.ts';

/** Declares the conformance suite of `RelationalStore` and its `Repository` for a provider. */
export function testRelationalStore(runner: SuiteRunner, provider: RelationalProvider): void {
  const entities = [part, account];
  const fact = createFact(runner, async () => provider.open(entities));
  runner.describe(`RelationalStore on ${provider.name}`, () => {
    runner.describe('what comes back', () => describeColumns(fact));
    runner.describe('keys and versions', () => describeEntityVersions(fact));
    runner.describe('unique columns and batches', () => describeUniqueColumns(fact));
    runner.describe('filters and orders', () => describeRelationalQueries(fact));
    runner.describe('pages', () => describePages(fact));
    runner.describe('scans', () => describeScans(fact));
    runner.describe('what is refused', () => describeRelationalRefusals(fact));
    runner.describe('concurrent calls', () => describeRelationalConcurrency(fact));
    runner.describe('transactions', () => describeTransactions(fact));
    runner.describe('transactions in transactions', () => describeSavepoints(fact));
    runner.describe('tenants', () => describeTenants(fact));
    runner.describe('signals, health and close', () => describeRelationalLifecycle(fact));
    if (provider.isDurable) {
      runner.describe('durability', () =>
        describeRelationalDurability(createFact(runner, async () => provider.open(entities))),
      );
    }
  });
}
