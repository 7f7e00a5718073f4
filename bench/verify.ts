/**
 * Claims: a register is verified near the limit of the machine, which is the engine of signatures on all cores and nothing else
 * (on SQLite 0.90, on PostgreSQL 0.85 of it); and ten times the dockets take ten times as long.
 *
 * `SORCHA_BENCH_DOCKETS` says how many dockets of ten transactions there are; default 10,000.
 */
import { mkdtemp, rm } from 'node:fs/promises';
import { availableParallelism, tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  type Algorithm,
  type ColdSource,
  createMemoryAnchorStore,
  createNodeIdentity,
  type Docket,
  docketWorm,
  openVerifiedRegister,
  SIGNATURE_ENGINE,
  toTrustedNode,
  verifyRegister,
} from '@sorcha/register';
import { createKeyPool, createTestLedger, DEFAULT_MIX } from '@sorcha/register/testing';
import type { WormStore } from '@sorcha/storage';
import { openPostgresWormStore, openSqliteWormStore } from '@sorcha/storage-sql';
import { startPostgres } from '@sorcha/test-servers';
import { measureRatio, printRatio } from './measure-ratio.ts';
import { startRawThreads } from './raw-signatures.ts';

const DOCKETS = Number(process.env['SORCHA_BENCH_DOCKETS'] ?? 10_000);
const TRANSACTIONS = 10;
const ROUNDS = 5;
const threads = availableParallelism();
const module = import.meta.resolve('@sorcha/storage-sql');
const keys = createKeyPool();
const node = await createNodeIdentity('bench');
const folder = await mkdtemp(join(tmpdir(), 'sorcha-bench-'));
const ends: (() => Promise<void>)[] = [async () => rm(folder, { recursive: true })];

/** A sealed register, and how to verify it. */
interface Sealed {
  readonly dockets: readonly Docket[];
  readonly run: () => Promise<void>;
}

async function seal(
  store: { readonly cold: WormStore<string>; readonly source: ColdSource },
  ledger: { readonly dockets: number; readonly transactionsPerDocket: number; readonly mix: readonly Algorithm[] },
): Promise<Sealed> {
  const { cold, source } = store;
  const registerId = `bench-${ledger.dockets}-${new Set(ledger.mix).size}-${ledger.mix[0]}`;
  const anchors = createMemoryAnchorStore();
  const register = await openVerifiedRegister({ registerId, cold, anchors, node });
  const dockets: Docket[] = [];
  for await (const docket of createTestLedger({ registerId, keys, ...ledger })) {
    dockets.push(docket);
    if (dockets.length % 500 === 0 || dockets.length === ledger.dockets) {
      await register.append(dockets.slice(register.size).map(({ record }) => record));
    }
  }
  await register.close();
  const run = async () => {
    const options = { registerId, cold, anchors, node: toTrustedNode(node), parallel: { source } };
    const { verifiedDockets } = await verifyRegister(options);
    if (verifiedDockets !== ledger.dockets) throw new Error('The register must verify.');
  };
  return { dockets, run };
}

async function compare(claim: string, { dockets, run }: Sealed): Promise<void> {
  const raw = await startRawThreads(dockets, threads);
  const signatures = dockets.reduce((sum, { transactions }) => sum + transactions.length, 0);
  const bare = { name: 'bare', run: async () => raw.run(signatures) };
  printRatio(claim, await measureRatio({ name: 'ours', run }, bare, ROUNDS));
  await raw.end();
}

async function openSqlite(name: string) {
  const file = join(folder, `${name}.sqlite`);
  const cold = await openSqliteWormStore({ file, definition: docketWorm });
  ends.unshift(async () => cold.close());
  return { cold, source: { module, name: 'openSqliteWormStore', options: { file, readOnly: true } } };
}

async function openPostgres() {
  const server = await startPostgres({ onEnd: (end) => ends.unshift(end) });
  const url = await server.createDatabase();
  const cold = await openPostgresWormStore({ url, definition: docketWorm });
  ends.unshift(async () => cold.close());
  return { cold, source: { module, name: 'openPostgresWormStore', options: { url } } };
}

try {
  const sqlite = await openSqlite('cold');
  const limit = `of the rate of the engine (${SIGNATURE_ENGINE.name}) on ${threads} cores`;
  const ed25519 = { dockets: DOCKETS, transactionsPerDocket: TRANSACTIONS, mix: ['ed25519'] } as const;
  await compare(`${limit}: ${DOCKETS} x ${TRANSACTIONS} Ed25519 on SQLite`, await seal(sqlite, ed25519));
  await compare(
    `${limit}: ${DOCKETS} x ${TRANSACTIONS} Ed25519 on PostgreSQL`,
    await seal(await openPostgres(), ed25519),
  );
  for (const mix of [['p-256'], ['rsa-4096'], DEFAULT_MIX] as const) {
    const name = mix.length === 1 ? mix[0] : 'of all algorithms';
    const ledger = { ...ed25519, dockets: Math.ceil(DOCKETS / 10), mix };
    await compare(`${limit}: ${ledger.dockets} x ${TRANSACTIONS} ${name} on SQLite`, await seal(sqlite, ledger));
  }
  const few = await seal(await openSqlite('few'), { ...ed25519, transactionsPerDocket: 1 });
  const many = await seal(await openSqlite('many'), { ...ed25519, dockets: 10 * DOCKETS, transactionsPerDocket: 1 });
  const ratio = await measureRatio({ name: 'few', run: few.run }, { name: 'many', run: many.run }, 3);
  printRatio(`times as long: ${10 * DOCKETS} dockets of one transaction as ${DOCKETS}`, ratio);
} finally {
  for (const end of ends) {
    await end();
  }
}
