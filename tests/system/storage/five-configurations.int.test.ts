import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { createTemporaryFolder } from '@sorcha/storage/testing';
import { startMongo, startPostgres, startRedis, type TestServer } from '@sorcha/test-servers';
import { describe, expect, it, onTestFinished } from 'vitest';
import { z } from 'zod';
import { openRawClient } from '../../../packages/storage-redis/src/testing/open-raw-client.ts';
import { waitUntil } from '../../../packages/storage-redis/src/testing/wait-until.ts';
import { writeConfig } from './create-start-check.ts';

const PROGRAM = join(import.meta.dirname, 'tour-program.ts');

const answerSchema = z.object({
  written: z.looseObject({}).optional(),
  read: z.looseObject({}).optional(),
  status: z.string(),
  providers: z.array(z.string()),
});

/** A configuration: what the file says, and what the environment adds, as passwords. */
interface Configuration {
  readonly storage: object;
  readonly environment: Readonly<Record<string, string>>;
}

/** Runs the program in a process of its own; its configuration is all that it is given. */
async function runTour(action: string, { storage, environment }: Configuration) {
  const args = ['--conditions=sorcha-source', '--disable-warning=ExperimentalWarning', PROGRAM, action];
  const { stdout, stderr } = await promisify(execFile)(process.execPath, [...args, await writeConfig(storage)], {
    env: { PATH: process.env['PATH'], ...environment },
    timeout: 60_000,
  });
  expect(stderr).toBe('');
  return answerSchema.parse(JSON.parse(stdout));
}

/** A url without its password, and the password. */
function splitUrl(text: string): readonly [url: string, password: string] {
  const url = new URL(text);
  const password = decodeURIComponent(url.password);
  url.password = '';
  return [url.href, password];
}

async function startServers() {
  const options = { faults: true, onEnd: onTestFinished };
  const [redis, postgres, mongo] = await Promise.all([
    startRedis(options),
    startPostgres(options),
    startMongo(options),
  ]);
  return { redis, postgres, mongo };
}

type Servers = Awaited<ReturnType<typeof startServers>>;

/** The passwords stand in the environment, everything else in the file. */
async function createConfigurations({
  redis,
  postgres,
  mongo,
}: Servers): Promise<Readonly<Record<string, Configuration>>> {
  const folder = await createTemporaryFolder(onTestFinished);
  const sqlite = { provider: 'sqlite', file: join(folder, 'all.sqlite') };
  const onPostgres = async () => {
    const [url, password] = splitUrl(await postgres.createDatabase());
    return { tier: { provider: 'postgres', url, maxConnections: 3 }, password };
  };
  const onMongo = async () => {
    const [url, password] = splitUrl(await mongo.createDatabase());
    return { tier: { provider: 'mongodb', url, maxConnections: 3 }, password };
  };
  const passwords = (byTier: Readonly<Record<string, string>>) =>
    Object.fromEntries(
      Object.entries(byTier).map(([tier, password]) => [`SORCHA__STORAGE__${tier}__PASSWORD`, password]),
    );
  const one = await onPostgres();
  const [rows, orders] = [await onPostgres(), await onMongo()];
  const [allRows, allOrders, allReadings] = [await onPostgres(), await onMongo(), await onPostgres()];
  const memory = { provider: 'memory' };
  return {
    memory: {
      storage: { hot: memory, warm: { relational: memory, documents: memory }, cold: memory },
      environment: {},
    },
    sqlite: { storage: { warm: { relational: sqlite, documents: sqlite }, cold: sqlite }, environment: {} },
    postgres: {
      storage: { warm: { relational: one.tier, documents: one.tier }, cold: one.tier },
      environment: passwords({
        WARM__RELATIONAL: one.password,
        WARM__DOCUMENTS: one.password,
        COLD: one.password,
      }),
    },
    'postgres + mongodb': {
      storage: { warm: { relational: rows.tier, documents: orders.tier }, cold: orders.tier },
      environment: passwords({
        WARM__RELATIONAL: rows.password,
        WARM__DOCUMENTS: orders.password,
        COLD: orders.password,
      }),
    },
    'redis + postgres + mongodb': {
      storage: {
        hot: { provider: 'redis', url: redis.url, prefix: 'tour' },
        warm: { relational: allRows.tier, documents: allOrders.tier },
        cold: allReadings.tier,
      },
      environment: passwords({
        WARM__RELATIONAL: allRows.password,
        WARM__DOCUMENTS: allOrders.password,
        COLD: allReadings.password,
      }),
    },
  };
}

const PROVIDERS: Readonly<Record<string, readonly string[]>> = {
  memory: ['memory', 'memory', 'memory', 'memory'],
  sqlite: ['memory', 'sqlite', 'sqlite', 'sqlite'],
  postgres: ['memory', 'postgres', 'postgres', 'postgres'],
  'postgres + mongodb': ['memory', 'postgres', 'mongodb', 'mongodb'],
  'redis + postgres + mongodb': ['redis', 'postgres', 'mongodb', 'postgres'],
};

async function killAndRestart(servers: readonly TestServer[]): Promise<void> {
  await Promise.all(servers.map(async (server) => server.kill()));
  await Promise.all(servers.map(async (server) => server.restart()));
}

describe('one program, five configurations (FR-001, FR-002, SC-001, SC-006, SC-008)', () => {
  it('gets the same answers, and the same data after a restart of the program and a crash of every server', async () => {
    const servers = await startServers();
    const configurations = await createConfigurations(servers);
    const expected = await runTour('write-and-read', configurations['memory'] ?? { storage: {}, environment: {} });
    expect(expected.written).toMatchObject({
      rows: { takenBack: 'INVALID', stale: 'VERSION_CONFLICT', taken: 'ALREADY_EXISTS' },
      orders: { stale: 'VERSION_CONFLICT', deleted: true, taken: 'ALREADY_EXISTS' },
      readings: { gap: 'SEQUENCE_CONFLICT', again: 'SEQUENCE_CONFLICT' },
      cache: { counted: [1, 42], made: ['once', 'once'], removed: 1, absent: true, refused: 'INVALID' },
    });
    expect(expected.read).toMatchObject({ count: 1, cold: [2], integrity: { checked: 3, damaged: [], missing: [] } });
    expect(Object.values(expected.read ?? {})).toHaveLength(9);

    const durable = Object.entries(configurations).filter(([name]) => name !== 'memory');
    expect(durable).toHaveLength(4);
    for (const [name, configuration] of durable) {
      const { written, providers, status } = await runTour('write', configuration);
      expect({ name, written, providers }).toEqual({ name, written: expected.written, providers: PROVIDERS[name] });
      // The users of these servers may do everything, so a write-once store warns that only this process keeps the records.
      expect(status).toBe(name === 'sqlite' ? 'pass' : 'warn');
      expect({ name, read: (await runTour('read', configuration)).read }).toEqual({ name, read: expected.read });
    }
    const raw = await openRawClient(servers.redis.url, onTestFinished);
    expect(await raw.ask('PTTL', 'tour:kept')).toBeGreaterThan(500_000);

    await killAndRestart([servers.redis, servers.postgres, servers.mongo]);
    for (const [name, configuration] of durable) {
      expect({ name, read: (await runTour('read', configuration)).read }).toEqual({ name, read: expected.read });
    }
  });

  it('an entry with a time to live is gone from Redis itself when that has passed', async () => {
    const redis = await startRedis({ faults: true, onEnd: onTestFinished });
    const configuration = {
      storage: {
        hot: { provider: 'redis', url: redis.url, prefix: 'tour' },
        warm: { relational: { provider: 'memory' }, documents: { provider: 'memory' } },
        cold: { provider: 'memory' },
      },
      environment: {},
    };
    await runTour('write', configuration);
    const raw = await openRawClient(redis.url, onTestFinished);
    const isThere = async (key: string) => (await raw.ask('EXISTS', key)) === 1;
    await waitUntil('the short entry has expired', async () => !(await isThere('tour:short')), 5_000);
    expect(await isThere('tour:kept')).toBe(true);
    expect(await raw.ask('PTTL', 'tour:visits')).toBeGreaterThan(0);
  });
});
