/**
 * Claim: the price of sealing is that of being durable. The limit is one append and sync of the same bytes; a seal makes the
 * announcement, the docket and the head durable, one after the other.
 */
import { mkdir, mkdtemp, open, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  createNodeIdentity,
  createSigningKey,
  createTransaction,
  docketWorm,
  openFileAnchorStore,
  openVerifiedRegister,
} from '@sorcha/register';
import { createTestLedger } from '@sorcha/register/testing';
import { openSqliteWormStore } from '@sorcha/storage-sql';
import { measureRatio, printRatio } from './measure-ratio.ts';

const SEALS = 20;
const BATCH = 100;
const folder = await mkdtemp(join(tmpdir(), 'sorcha-bench-'));
const cold = await openSqliteWormStore({ file: join(folder, 'cold.sqlite'), definition: docketWorm });
const file = await open(join(folder, 'bare'), 'a');
await mkdir(join(folder, 'anchors'));
try {
  const node = await createNodeIdentity('bench');
  const key = await createSigningKey('ed25519');
  const stores = { cold, anchors: openFileAnchorStore({ folder: join(folder, 'anchors') }), node };
  const seals = await openVerifiedRegister({ registerId: 'seals', ...stores });
  const sign = (number: number) =>
    createTransaction({ registerId: 'seals', timestamp: number, payloads: ['x'.repeat(200)] }, key).record;
  const transactions = Array.from({ length: SEALS * 10 }, (_, number) => sign(number));
  const bytes = Buffer.alloc(1_000, 'x');
  const one = {
    name: 'ours',
    run: async () => {
      for (const transaction of transactions.splice(0, SEALS)) await seals.seal([transaction]);
    },
  };
  const bareWrites = (count: number, size: Buffer) => ({
    name: 'bare',
    run: async () => {
      for (let index = 0; index < count; index++) {
        await file.appendFile(size);
        await file.sync();
      }
    },
  });
  printRatio(
    'of the rate of a bare append and sync: seals, one by one',
    await measureRatio(one, bareWrites(SEALS, bytes)),
  );

  const batches = await openVerifiedRegister({ registerId: 'batches', ...stores });
  const ledger = createTestLedger({
    registerId: 'batches',
    dockets: BATCH * 10,
    transactionsPerDocket: 1,
    mix: ['ed25519'],
  });
  const records = (await Array.fromAsync(ledger)).map(({ record }) => record);
  const batch = { name: 'ours', run: async () => void (await batches.append(records.splice(0, BATCH))) };
  printRatio(
    `times the rate of a bare append and sync per docket: batches of ${BATCH} dockets, verified and appended`,
    await measureRatio(batch, bareWrites(BATCH, bytes)),
  );
} finally {
  await file.close();
  await cold.close();
  await rm(folder, { recursive: true });
}
