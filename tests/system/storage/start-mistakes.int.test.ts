import { randomBytes } from 'node:crypto';
import { mkdir, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { createTemporaryFolder } from '@sorcha/storage/testing';
import { startMongo, startPostgres, startRedis } from '@sorcha/test-servers';
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { createMongoUser } from '../../../packages/storage-mongodb/src/testing/create-mongo-user.ts';
import { openRawClient } from '../../../packages/storage-redis/src/testing/open-raw-client.ts';
import { openRawConnection } from '../../../packages/storage-sql/src/testing/open-raw-connection.ts';
import {
  type Configuration,
  diagnoseTier,
  expectFailedStart,
  expectNoSecret,
  SECRET,
  startTier,
  type Tier,
} from './create-start-check.ts';
import { startRewritingNetwork } from './start-rewriting-network.ts';

/** What the servers of this file are, once they run. */
interface Servers {
  readonly redis: string;
  readonly postgres: string;
  readonly mongo: string;
}

const ends: (() => Promise<void>)[] = [];
let servers: Servers;
beforeAll(async () => {
  const options = { onEnd: (end: () => Promise<void>) => ends.push(end) };
  const [redis, postgres, mongo] = await Promise.all([
    startRedis({ ...options, config: {} }),
    startPostgres({ ...options, config: {} }),
    startMongo(options),
  ]);
  servers = {
    redis: redis.url,
    postgres: await postgres.createDatabase(),
    mongo: await mongo.createDatabase(),
  };
});
afterAll(async () => {
  for (const end of ends) {
    await end();
  }
});

const WARM = ['storage.warm.relational', 'storage.warm.documents', 'storage.cold'] as const;

/** The tier with that provider, as the file has it. */
function tierOf(tier: Tier, settings: object): Configuration['storage'] {
  return tier
    .split('.')
    .slice(1)
    .reduceRight<object>((inner, name) => ({ [name]: inner }), settings);
}

/** A url for somebody else. */
function urlFor(url: string, username = '', password = ''): string {
  const other = new URL(url);
  [other.username, other.password] = [username, encodeURIComponent(password)];
  return other.href;
}

/** The same url at another port. */
function atPort(url: string, port: number | string): string {
  const other = new URL(url);
  other.port = String(port);
  return other.href;
}

/** The port of a server that accepts and says nothing. */
async function listenSilently(): Promise<number> {
  const silent = createServer(() => undefined);
  await new Promise<void>((resolve) => {
    silent.listen(0, '127.0.0.1', resolve);
  });
  onTestFinished(() => void silent.close());
  const address = silent.address();
  return typeof address === 'object' && address !== null ? address.port : 0;
}

/** A user of PostgreSQL who may connect and nothing else, with the secret as password. */
async function createPostgresRole(): Promise<string> {
  const raw = await openRawConnection(servers.postgres, onTestFinished);
  const role = `role_${randomBytes(4).toString('hex')}`;
  await raw.query(`create role ${role} login password ${raw.escapeLiteral(SECRET)}`);
  return role;
}

/** A user of Redis with some rights, and the secret as password. */
async function createRedisUser(...rights: readonly string[]): Promise<string> {
  const raw = await openRawClient(servers.redis, onTestFinished);
  const name = `user-${randomBytes(4).toString('hex')}`;
  await raw.ask('ACL', 'SETUSER', name, 'on', `>${SECRET}`, ...rights);
  return name;
}

/** Asserts that the doctor says the same of a tier: it fails, and names that setting. */
async function expectDiagnosis(tier: Tier, setting: string, storage: object): Promise<void> {
  const [finding] = await diagnoseTier(tier, { storage });
  expect(finding).toMatchObject({ status: 'fail', fix: `check ${tier}.${setting}` });
}

/** Ports where no server of the right kind is. */
const wrongPorts: readonly (readonly [what: string, port: () => Promise<number | string>])[] = [
  ['nobody listens', async () => 1],
  ['nothing answers', listenSilently],
  ['Redis listens', async () => new URL(servers.redis).port],
];

describe('a start on Redis (docs/configuration.md)', () => {
  const hot = (settings: object) => ({ hot: { provider: 'redis', url: servers.redis, ...settings } });

  it('with a wrong password names it, also in a url', async () => {
    const username = await createRedisUser('~*', '+@all');
    const expected = { setting: 'password', code: 'INVALID' };
    const wrong = hot({ username, password: `${SECRET}!` });
    expect(await expectFailedStart('storage.hot', expected, { storage: wrong })).toContain(
      'check username and password',
    );
    const inUrl = hot({ url: urlFor(servers.redis, username, `${SECRET}!`) });
    await expectFailedStart('storage.hot', expected, { storage: inUrl });
    await expectDiagnosis('storage.hot', 'password', wrong);
    await startTier('storage.hot', { storage: hot({ username, password: SECRET }) });
    const environment = { SORCHA__STORAGE__HOT__PASSWORD: SECRET };
    await startTier('storage.hot', { storage: hot({ username }), environment });
  });

  it('with a missing password names it', async () => {
    const server = await startRedis({ config: { requirepass: 'plain' }, onEnd: onTestFinished });
    const storage = hot({ url: urlFor(server.url) });
    await expectFailedStart('storage.hot', { setting: 'password', code: 'INVALID' }, { storage });
    await expectDiagnosis('storage.hot', 'password', storage);
  });

  it('as a user without the rights names the user, and the rights that lack', async () => {
    for (const rights of [
      ['~*', '-@all'],
      ['~*', '+@all', '-set'],
      ['~*', '+@all', '-eval', '-evalsha'],
      ['~other:*', '+@all'],
    ]) {
      const storage = hot({ username: await createRedisUser(...rights), password: SECRET });
      const message = await expectFailedStart('storage.hot', { setting: 'username', code: 'INVALID' }, { storage });
      expect(message).toContain('Grant: ~sorcha:* +get');
      await expectDiagnosis('storage.hot', 'username', storage);
    }
  });

  it('that is too old names the address', async () => {
    // Redis 5 and older do not know the greeting.
    const server = await startRedis({ config: { 'rename-command': 'HELLO ""' }, onEnd: onTestFinished });
    const storage = hot({ url: server.url, password: undefined });
    const expected = { setting: 'url', code: 'INCOMPATIBLE_SERVER' };
    expect(await expectFailedStart('storage.hot', expected, { storage })).toContain('6.2 or later');
    await expectDiagnosis('storage.hot', 'url', storage);
  });

  it('that answers as something else names the address', async () => {
    const http = createServer((socket) => socket.on('data', () => socket.end('HTTP/1.1 400 Bad Request\r\n\r\n')));
    await new Promise<void>((resolve) => {
      http.listen(0, '127.0.0.1', resolve);
    });
    onTestFinished(() => void http.close());
    const address = http.address();
    const url = atPort(servers.redis, typeof address === 'object' && address !== null ? address.port : 0);
    const expected = { setting: 'url', code: 'INCOMPATIBLE_SERVER' };
    await expectFailedStart('storage.hot', expected, { storage: hot({ url, password: SECRET }) });
  });

  it('that is a single server where a cluster is named names the nodes', async () => {
    const storage = { hot: { provider: 'redis', nodes: [servers.redis] } };
    await expectFailedStart('storage.hot', { setting: 'nodes', code: 'INCOMPATIBLE_SERVER' }, { storage });
  });

  it.each([
    ['nobody listens', async () => atPort(servers.redis, 1)],
    ['nothing answers', async () => atPort(servers.redis, await listenSilently())],
    ['PostgreSQL listens, which hangs up', async () => atPort(servers.redis, new URL(servers.postgres).port)],
  ])('where %s goes on without the cache, and its health and the doctor say so (FR-003)', async (_, at) => {
    const storage = hot({ url: await at(), password: SECRET });
    const startedAt = performance.now();
    const { stores, health } = await startTier('storage.hot', { storage });
    expect(performance.now() - startedAt).toBeLessThan(10_000);
    expect(await stores.cache?.getOrSet('k', () => 'made')).toBe('made');
    const told = await health();
    expectNoSecret(told);
    expect(told).toMatchObject({ status: 'warn', stores: { cache: { status: 'warn', provider: 'redis' } } });
    expect(told.stores['cache']?.detail).toContain('tried again in the background');
    await expectDiagnosis('storage.hot', 'url', storage);
  });
});

describe.each(WARM)('%s on PostgreSQL (docs/configuration.md)', (tier) => {
  const of = (url: string, settings: object = {}) =>
    tierOf(tier, { provider: 'postgres', connectTimeoutMs: 1_000, url, ...settings });

  it('with a wrong or missing password names it', async () => {
    const role = await createPostgresRole();
    const expected = { setting: 'password', code: 'UNAVAILABLE' };
    for (const storage of [
      of(urlFor(servers.postgres, role), { password: `${SECRET}!` }),
      of(urlFor(servers.postgres, role, `${SECRET}!`)),
      of(urlFor(servers.postgres, role)),
      of(urlFor(servers.postgres, 'nobody', SECRET)),
    ]) {
      await expectFailedStart(tier, expected, { storage });
      await expectDiagnosis(tier, 'password', storage);
    }
  });

  it('as a user without the rights names the schema, and grants are enough', async () => {
    const role = await createPostgresRole();
    const storage = of(urlFor(servers.postgres, role), { password: SECRET, schema: role });
    const expected = { setting: 'schema', code: 'UNAVAILABLE' };
    expect(await expectFailedStart(tier, expected, { storage })).toContain('grant');
    const findings = await diagnoseTier(tier, { storage });
    expect(findings.map(({ status }) => status)).toContain('fail');
    const raw = await openRawConnection(servers.postgres, onTestFinished);
    await raw.query(`create schema authorization ${role}`);
    await startTier(tier, { storage });
  });

  it('that is too old names the address', async () => {
    const asked = "current_setting('server_version_num')";
    const url = await startRewritingNetwork(
      servers.postgres,
      {
        toServer: (chunk) =>
          Buffer.from(chunk.toString('latin1').replace(asked, "'130014'".padEnd(asked.length)), 'latin1'),
      },
      onTestFinished,
    );
    const expected = { setting: 'url', code: 'INCOMPATIBLE_SERVER' };
    expect(await expectFailedStart(tier, expected, { storage: of(url) })).toContain('PostgreSQL 13');
    await expectDiagnosis(tier, 'url', of(url));
  });

  it.each(wrongPorts)('where %s names the address within its time', async (_, port) => {
    const other = new URL(atPort(servers.postgres, await port()));
    const startedAt = performance.now();
    await expectFailedStart(tier, { setting: 'url', code: 'UNAVAILABLE' }, { storage: of(other.href) });
    expect(performance.now() - startedAt).toBeLessThan(8_000);
    await expectDiagnosis(tier, 'url', of(other.href));
  });

  it('without the database names the address', async () => {
    const other = new URL(servers.postgres);
    other.pathname = 'no_such_database';
    const expected = { setting: 'url', code: 'UNAVAILABLE' };
    expect(await expectFailedStart(tier, expected, { storage: of(other.href) })).toContain('no_such_database');
  });
});

describe.each(['storage.warm.documents', 'storage.cold'] as const)('%s on MongoDB (docs/configuration.md)', (tier) => {
  const of = (url: string, settings: object = {}) =>
    tierOf(tier, { provider: 'mongodb', connectTimeoutMs: 1_000, url, ...settings });

  it('with a wrong or missing password names it', async () => {
    const { username, url } = await createMongoUser(servers.mongo, ['readWrite']);
    for (const storage of [
      of(urlFor(url, username), { password: SECRET }),
      of(urlFor(url, username, SECRET)),
      of(urlFor(url, username)),
      of(urlFor(url, 'nobody', SECRET)),
    ]) {
      await expectFailedStart(tier, { setting: 'password', code: 'UNAVAILABLE' }, { storage });
      await expectDiagnosis(tier, 'password', storage);
    }
  });

  it('as a user without the rights names the address with the user', async () => {
    const { username, password, url } = await createMongoUser(servers.mongo, ['read']);
    const storage = of(urlFor(url, username), { password });
    const code = tier === 'storage.cold' ? 'INCOMPATIBLE_SERVER' : 'UNAVAILABLE';
    expect(await expectFailedStart(tier, { setting: 'url', code }, { storage })).toMatch(/grant|this user cannot/);
    expect(await diagnoseTier(tier, { storage })).toMatchObject([
      { status: 'pass' },
      { status: 'fail', fix: expect.stringContaining('readWrite') as unknown },
    ]);
  });

  // Those of MongoDB 5.0, and of 4.2 to which the driver does not even talk.
  it.each([13, 8])('that is too old (wire version %i) names the address', async (wireVersion) => {
    const field = Buffer.from('\u0010maxWireVersion\0');
    const toClient = (chunk: Buffer) => {
      const at = chunk.indexOf(field);
      return at === -1 ? chunk : (chunk.writeInt32LE(wireVersion, at + field.length), chunk);
    };
    const url = new URL(await startRewritingNetwork(servers.mongo, { toClient }, onTestFinished));
    url.searchParams.set('directConnection', 'true');
    const expected = { setting: 'url', code: 'INCOMPATIBLE_SERVER' };
    expect(await expectFailedStart(tier, expected, { storage: of(url.href) })).toContain('MongoDB 6 or later');
    await expectDiagnosis(tier, 'url', of(url.href));
  });

  const ports = [...wrongPorts, ['PostgreSQL listens', async () => new URL(servers.postgres).port] as const];
  it.each(ports)('where %s names the address within its time', async (_, port) => {
    const storage = of(urlFor(atPort(servers.mongo, await port()), 'app', SECRET));
    const startedAt = performance.now();
    await expectFailedStart(tier, { setting: 'url', code: 'UNAVAILABLE' }, { storage });
    expect(performance.now() - startedAt).toBeLessThan(8_000);
  });
});

describe.each(WARM)('%s in a file (docs/configuration.md)', (tier) => {
  it.each([
    [
      'is no database',
      'INCOMPATIBLE_SERVER',
      async (file: string) => writeFile(file, 'no database, but long enough. '.repeat(9)),
    ],
    ['is a folder', 'UNAVAILABLE', async (file: string) => mkdir(file)],
    ['is below a file', 'UNAVAILABLE', async (file: string) => writeFile(join(file, '..', 'below'), '')],
  ] as const)('that %s names it', async (problem, code, prepare) => {
    const file = join(await createTemporaryFolder(onTestFinished), 'data.sqlite');
    await prepare(file);
    const path = problem === 'is below a file' ? join(file, '..', 'below', 'data.sqlite') : file;
    const storage = tierOf(tier, { provider: 'sqlite', file: path });
    expect(await expectFailedStart(tier, { setting: 'file', code }, { storage })).toContain(path);
    await expectDiagnosis(tier, 'file', storage);
  });
});
