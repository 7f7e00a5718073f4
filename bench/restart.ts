/**
 * Claims: a restart with a receipt is 25 times as fast as a cold start, and takes no more than twice the time that is needed to hash the
 * same bytes, though every one of them is read and compared.
 *
 * `SORCHA_BENCH_DOCKETS` says how many dockets of ten transactions there are; default 10,000.
 */
import { createHash } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  createMemoryAnchorStore,
  createMemoryReceiptStore,
  createNodeIdentity,
  docketWorm,
  openVerifiedRegister,
  type RegisterEvent,
} from '@sorcha/register';
import { createTestLedger } from '@sorcha/register/testing';
import { openSqliteWormStore } from '@sorcha/storage-sql';
import { measureRatio, printRatio } from './measure-ratio.ts';

const DOCKETS = Number(process.env['SORCHA_BENCH_DOCKETS'] ?? 10_000);
const ROUNDS = 5;
const registerId = 'bench';
const folder = await mkdtemp(join(tmpdir(), 'sorcha-bench-'));
const file = join(folder, 'cold.sqlite');
const cold = await openSqliteWormStore({ file, definition: docketWorm });
try {
  const node = await createNodeIdentity('bench');
  const anchors = createMemoryAnchorStore();
  const receipts = createMemoryReceiptStore();
  const writer = await openVerifiedRegister({ registerId, cold, anchors, node });
  const records: Uint8Array[] = [];
  for await (const { record } of createTestLedger({
    registerId,
    dockets: DOCKETS,
    transactionsPerDocket: 10,
    mix: ['ed25519'],
  })) {
    records.push(record);
    if (records.length % 500 === 0 || records.length === DOCKETS) {
      await writer.append(records.slice(writer.size));
    }
  }
  await writer.close();

  const source = {
    module: import.meta.resolve('@sorcha/storage-sql'),
    name: 'openSqliteWormStore',
    options: { file, readOnly: true },
  };
  const start = async (rest: object) => {
    const options = { registerId, cold, anchors, node, start: 'blocking', recheck: 'none', ...rest } as const;
    const register = await openVerifiedRegister(options);
    if (register.state !== 'Healthy' || register.size !== DOCKETS) throw new Error('The register must verify.');
    await register.close();
    return register.report;
  };
  const written = Promise.withResolvers<void>();
  const onEvent = ({ type }: RegisterEvent) => void (type === 'receipt' && written.resolve());
  const first = await openVerifiedRegister({ registerId, cold, anchors, node, receipts, start: 'blocking', onEvent });
  await written.promise;
  await first.close();
  if ((await start({ receipts })).receipt !== 'used') throw new Error('The receipt must be used.');

  const restart = { name: 'restart', run: async () => void (await start({ receipts })) };
  const coldStart = { name: 'cold', run: async () => void (await start({ parallel: { source } })) };
  const hashing = {
    name: 'hashing',
    run: () => {
      for (const record of records) createHash('sha256').update(record).digest();
    },
  };
  const size = `${DOCKETS} x 10 on SQLite`;
  printRatio(
    `times as fast as a cold start on all cores: a restart with a receipt, ${size}`,
    await measureRatio(restart, coldStart, ROUNDS),
  );
  printRatio(
    `of the rate of bare SHA-256 over the same bytes: that restart`,
    await measureRatio(restart, hashing, ROUNDS),
  );
} finally {
  await cold.close();
  await rm(folder, { recursive: true });
}
