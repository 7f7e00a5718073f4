/** Claim: verifying a register on SQLite runs near the limit of one thread, bare crypto.verify of the same signatures. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  checkSignature,
  createMemoryAnchorStore,
  createNodeIdentity,
  docketWorm,
  type Transaction,
  toTrustedNode,
  verifyRegister,
} from '@sorcha/register';
import { createTestLedger } from '@sorcha/register/testing';
import { openSqliteWormStore } from '@sorcha/storage-sql';
import { toBareVerification } from '../apps/cli/src/verification/to-bare-verification.ts';
import { measureRatio, printRatio } from './measure-ratio.ts';

const DOCKETS = 200;
const folder = await mkdtemp(join(tmpdir(), 'sorcha-bench-'));
const cold = await openSqliteWormStore({ file: join(folder, 'cold.sqlite'), definition: docketWorm });
try {
  const dockets = await Array.fromAsync(
    createTestLedger({ registerId: 'bench', dockets: DOCKETS, transactionsPerDocket: 10 }),
  );
  await cold.appendBatch(
    'bench',
    0,
    dockets.map(({ record }) => Buffer.from(record).toString()),
  );
  const node = toTrustedNode(await createNodeIdentity('bench'));
  const anchors = createMemoryAnchorStore();
  const transactions: Transaction[] = dockets.flatMap((docket) => docket.transactions);
  const calls = transactions.map(toBareVerification).filter((call) => call !== undefined);
  const whole = {
    name: 'ours',
    run: async () => {
      const { verifiedDockets } = await verifyRegister({ registerId: 'bench', cold, anchors, node });
      if (verifiedDockets !== DOCKETS) throw new Error('The register must verify.');
    },
  };
  const bare = {
    name: 'bare',
    run: () => {
      if (calls.length < transactions.length || !calls.every((call) => call()))
        throw new Error('Every signature must verify.');
    },
  };
  const signatures = {
    name: 'signatures',
    run: () => {
      if (transactions.some((transaction) => checkSignature(transaction) !== undefined)) {
        throw new Error('Every signature must verify.');
      }
    },
  };
  printRatio(
    'of the bare crypto.verify rate: a register read from SQLite and verified',
    await measureRatio(whole, bare),
  );
  printRatio('of the bare crypto.verify rate: transaction signatures alone', await measureRatio(signatures, bare));
} finally {
  await cold.close();
  await rm(folder, { recursive: true });
}
