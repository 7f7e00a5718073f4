import { join } from 'node:path';
import { monitorEventLoopDelay } from 'node:perf_hooks';
import {
  createMemoryAnchorStore,
  createNodeIdentity,
  docketWorm,
  openVerifiedRegister,
  type VerificationProgress,
} from '@sorcha/register';
import { createTestLedger } from '@sorcha/register/testing';
import { createTemporaryFolder } from '@sorcha/storage/testing';
import { openSqliteWormStore } from '@sorcha/storage-sql';
import { expect, it, onTestFinished } from 'vitest';

const DOCKETS = 2_000;
const PER_DOCKET = 10;
const REGISTER = 'main';
/** What is measured on a machine with nothing else to do is far below 50 ms; other tests run beside this one. */
const SLOWEST_TURN_MS = 250;

it(`a long register is served at once while threads verify it, and its event loop goes on (FR-047)`, async () => {
  const folder = await createTemporaryFolder(onTestFinished);
  const file = join(folder, 'cold.sqlite');
  const cold = await openSqliteWormStore({ file, definition: docketWorm });
  onTestFinished(async () => cold.close());
  const anchors = createMemoryAnchorStore();
  const node = await createNodeIdentity('node.test');
  const writer = await openVerifiedRegister({ registerId: REGISTER, cold, anchors, node });
  const ledger = {
    registerId: REGISTER,
    dockets: DOCKETS,
    transactionsPerDocket: PER_DOCKET,
    mix: ['ed25519'] as const,
  };
  let batch: Uint8Array[] = [];
  for await (const { record } of createTestLedger(ledger)) {
    batch.push(record);
    if (batch.length === 500) {
      await writer.append(batch);
      batch = [];
    }
  }
  const { headHash } = writer;
  await writer.close();

  const source = {
    module: import.meta.resolve('@sorcha/storage-sql'),
    name: 'openSqliteWormStore',
    options: { file, readOnly: true },
  };
  const progress: VerificationProgress[] = [];
  const delays = monitorEventLoopDelay({ resolution: 1 });
  const startedAt = performance.now();
  delays.enable();
  const register = await openVerifiedRegister({
    registerId: REGISTER,
    cold,
    anchors,
    node,
    parallel: { source },
    onProgress: (now) => void progress.push(now),
  });
  const newest = await register.docket(DOCKETS - 1);
  const firstReadMs = performance.now() - startedAt;
  expect(newest?.hash).toBe(headHash);
  expect(register).toMatchObject({ state: 'Initializing', size: DOCKETS });
  const report = await register.started;
  const wholeMs = performance.now() - startedAt;
  delays.disable();
  expect(report).toMatchObject({ state: 'Healthy', verifiedDockets: DOCKETS, signatures: DOCKETS * PER_DOCKET });
  expect(progress.length).toBeGreaterThan(10);
  expect(progress.map(({ dockets }) => dockets)).toEqual(
    progress.map(({ dockets }) => dockets).toSorted((a, b) => a - b),
  );
  const turnMs = delays.percentile(99) / 1e6;
  process.stderr.write(
    `progressive start: the newest docket after ${firstReadMs.toFixed(0)} of ${wholeMs.toFixed(0)} ms ` +
      `(${((100 * firstReadMs) / wholeMs).toFixed(1)} %), event loop p99 ${turnMs.toFixed(1)} ms\n`,
  );
  expect(firstReadMs).toBeLessThan(wholeMs / 10);
  expect(turnMs).toBeLessThan(SLOWEST_TURN_MS);
  await register.close();
});
