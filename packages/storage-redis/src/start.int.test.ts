import { execFileSync } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { createServer as createHttpServer } from 'node:http';
import { connect, createServer, type Server, type Socket } from 'node:net';
import { join } from 'node:path';
import { inspect } from 'node:util';
import { StorageError, type StorageErrorCode } from '@sorcha/storage';
import { createTemporaryFolder } from '@sorcha/storage/testing';
import { startRedis, startRedisCluster } from '@sorcha/test-servers';
import { describe, expect, it, onTestFinished } from 'vitest';
import { openRedisCacheStore, type RedisCacheStore } from './open-redis-cache-store.ts';
import type { RedisCacheOptions } from './redis-cache-options.ts';
import { openRawClient } from './testing/open-raw-client.ts';
import { waitUntil } from './testing/wait-until.ts';

const SECRET = 'hunter2-9f3e';

/** Asserts that opening fails with this code and a message that matches, and gives no secret away. */
async function expectRefusal(options: RedisCacheOptions, code: StorageErrorCode, message: RegExp): Promise<string> {
  const outcome: unknown = await openRedisCacheStore(options).catch((error: unknown) => error);
  if (!(outcome instanceof StorageError)) {
    throw new Error(`It must fail with a StorageError: ${inspect(outcome)}`);
  }
  expect(inspect(outcome, { depth: 10, showHidden: true })).not.toContain(SECRET);
  expect(outcome.message).toMatch(message);
  expect(outcome.code).toBe(code);
  return outcome.message;
}

async function openFor(options: RedisCacheOptions): Promise<RedisCacheStore> {
  const store = await openRedisCacheStore(options);
  onTestFinished(async () => store.close());
  return store;
}

/** Listens until the test ends; returns the port. */
async function listen(server: Server): Promise<number> {
  const sockets = new Set<Socket>();
  server.on('connection', (socket: Socket) => {
    sockets.add(socket.on('error', () => undefined));
  });
  server.listen({ port: 0, host: '127.0.0.1' });
  await once(server, 'listening');
  onTestFinished(() => {
    server.close();
    sockets.forEach((socket) => socket.destroy());
  });
  const address = server.address();
  return typeof address === 'object' && address !== null ? address.port : 0;
}

async function findFreePort(): Promise<number> {
  const server = createServer();
  const port = await listen(server);
  server.close();
  await once(server, 'close');
  return port;
}

describe('a server that cannot be used', () => {
  it('nobody listens', async () => {
    const port = await findFreePort();
    await expectRefusal({ url: `redis://:${SECRET}@127.0.0.1:${port}` }, 'UNAVAILABLE', /cannot be reached/);
  });

  it('the host is unknown', async () => {
    await expectRefusal({ url: 'redis://no-such-host.invalid' }, 'UNAVAILABLE', /no-such-host\.invalid:6379/);
  });

  it('it never greets', async () => {
    const port = await listen(createServer());
    const startedAt = performance.now();
    await expectRefusal({ url: `redis://127.0.0.1:${port}`, startTimeoutMs: 500 }, 'UNAVAILABLE', /does not greet/);
    expect(performance.now() - startedAt).toBeLessThan(2_000);
  });

  it('it greets and answers nothing else', async () => {
    const server = await startRedis({ onEnd: onTestFinished });
    const { hostname, port: farPort } = new URL(server.url);
    const network = createServer((near) => {
      const far = connect({ host: hostname, port: Number(farPort) });
      onTestFinished(() => void far.destroy());
      far.pipe(near);
      near.on('data', (chunk: Buffer) => chunk.includes('PING') || far.write(chunk));
    });
    const url = `redis://127.0.0.1:${await listen(network)}`;
    await expectRefusal({ url, deadlineMs: 100 }, 'UNAVAILABLE', /greets and then does not answer/);
  });

  it('it hangs up', async () => {
    const port = await listen(createServer((socket) => socket.destroy()));
    await expectRefusal({ url: `redis://127.0.0.1:${port}` }, 'UNAVAILABLE', /hangs up/);
  });

  it('it is no Redis', async () => {
    const port = await listen(createHttpServer((_, response) => response.end('hello')));
    await expectRefusal({ url: `redis://:${SECRET}@127.0.0.1:${port}` }, 'INCOMPATIBLE_SERVER', /not as Redis/);
  });

  it('it is so old that it does not know the greeting', async () => {
    const server = await startRedis({ config: { 'rename-command': 'HELLO ""' }, onEnd: onTestFinished });
    await expectRefusal({ url: server.url }, 'INCOMPATIBLE_SERVER', /6\.2 or later/);
  });

  it('it has no such database', async () => {
    const server = await startRedis({ config: { databases: '2' }, onEnd: onTestFinished });
    await expectRefusal({ url: `${server.url}/2` }, 'INVALID', /no such database/);
    const store = await openFor({ url: `${server.url}/1` });
    await store.set('a', 1);
    const raw = await openRawClient(server.url, onTestFinished);
    expect(await raw.ask('DBSIZE')).toBe(0);
  });

  it('it is a replica, which is read-only', async () => {
    const master = await startRedis({ config: {}, onEnd: onTestFinished });
    const replicaof = `127.0.0.1 ${new URL(master.url).port}`;
    const replica = await startRedis({ config: { replicaof }, onEnd: onTestFinished });
    await expectRefusal({ url: replica.url }, 'UNAVAILABLE', /read-only replica/);
  });

  it('it has no memory left', async () => {
    const config = { maxmemory: '1', 'maxmemory-policy': 'noeviction' };
    const server = await startRedis({ config, onEnd: onTestFinished });
    await expectRefusal({ url: server.url }, 'UNAVAILABLE', /maxmemory/);
  });

  it('it belongs to a cluster, or does not', async () => {
    const cluster = await startRedisCluster({ onEnd: onTestFinished });
    const single = await startRedis({ onEnd: onTestFinished });
    await expectRefusal({ url: cluster.urls[0] ?? '' }, 'INCOMPATIBLE_SERVER', /nodes instead of url/);
    await expectRefusal({ nodes: [single.url] }, 'INCOMPATIBLE_SERVER', /url instead of nodes/);
  });
});

describe('a server that is loading its data', () => {
  it('is waited for', async () => {
    // A fifth of a millisecond for each key; it answers anything only after every 1,024 of them.
    const config = { 'key-load-delay': '200' };
    const server = await startRedis({ config, faults: true, onEnd: onTestFinished });
    const store = await openFor({ url: server.url });
    await Promise.all(Array.from({ length: 4_000 }, async (_, index) => store.set(`k${index}`, index)));
    const restarted = server.restart();
    const isLoading = async (): Promise<boolean> => {
      const raw = await openRawClient(server.url, onTestFinished);
      return raw.ask('PING').then(
        () => false,
        (error: unknown) => String(error).includes('LOADING'),
      );
    };
    await waitUntil('it loads', async () => isLoading().catch(() => false));
    await expectRefusal({ url: server.url, startTimeoutMs: 50 }, 'UNAVAILABLE', /still loading|does not greet/);
    const other = await openFor({ url: server.url });
    expect(await other.get('k3999')).toBe(3_999);
    await restarted;
  });
});

describe('signing in', () => {
  it('a wrong, missing or right password', async () => {
    const server = await startRedis({ config: { requirepass: SECRET }, onEnd: onTestFinished });
    const { host } = new URL(server.url);
    const options = { url: `redis://${host}` };
    await expectRefusal({ ...options, password: 'wrong' }, 'INVALID', /check username and password/);
    await expectRefusal(options, 'INVALID', /password/);
    await expectRefusal({ ...options, username: 'nobody', password: SECRET }, 'INVALID', /check username/);
    await openFor({ ...options, password: SECRET });
    await openFor({ url: server.url });
    // What stands beside the URL counts more than what stands in it.
    await openFor({ url: `redis://:wrong@${host}`, password: SECRET });
  });

  it.each([
    ['no right to write', '+@all -set'],
    ['no right to read', '+@all -get'],
    ['no right to run scripts', '+@all -eval -evalsha'],
    ['no right to search keys', '+@all -scan'],
    ['no right to remove', '+@all -unlink'],
    ['no right to read the time left', '+@all -pttl'],
  ])('%s', async (_, rules) => {
    const server = await startRedis({ onEnd: onTestFinished, config: {} });
    const raw = await openRawClient(server.url, onTestFinished);
    await raw.ask('ACL', 'SETUSER', 'app', 'on', `>${SECRET}`, '~*', ...rules.split(' '));
    await expectRefusal({ url: server.url, username: 'app', password: SECRET }, 'INVALID', /Grant: ~sorcha:\* \+get/);
  });

  it('a user with the rights that the message names, and keys of its prefix only', async () => {
    const server = await startRedis({ onEnd: onTestFinished, config: {} });
    const raw = await openRawClient(server.url, onTestFinished);
    await raw.ask('ACL', 'SETUSER', 'app', 'on', `>${SECRET}`, '~sorcha:*', '-@all');
    const options = { url: server.url, username: 'app', password: SECRET };
    const [, rights = ''] = /Grant: (.*)\.$/.exec(await expectRefusal(options, 'INVALID', /Grant/)) ?? [];
    await raw.ask('ACL', 'SETUSER', 'app', ...rights.split(' '));
    const store = await openFor(options);
    await store.set('a', 1);
    expect(await store.increment('a')).toBe(2);
    expect(await store.removeByPattern('**')).toBe(1);
    await expectRefusal({ ...options, prefix: 'other' }, 'INVALID', /too few rights/);
  });

  it('a right that is taken away later makes the call fail and says so', async () => {
    const server = await startRedis({ onEnd: onTestFinished, config: {} });
    const raw = await openRawClient(server.url, onTestFinished);
    await raw.ask('ACL', 'SETUSER', 'app', 'on', `>${SECRET}`, '~*', '+@all');
    const store = await openFor({ url: server.url, username: 'app', password: SECRET });
    await store.set('a', 1);
    await raw.ask('ACL', 'SETUSER', 'app', '-set');
    await expect(store.set('a', 2)).rejects.toMatchObject({ code: 'UNAVAILABLE' });
    await expect(store.increment('a')).rejects.toMatchObject({ code: 'UNAVAILABLE' });
    expect(await store.get('a')).toBe(1);
    const { status, detail } = await store.health();
    expect(status).toBe('warn');
    expect(detail).toMatch(/ACL/);
  });
});

describe('TLS', () => {
  it('a certificate is checked, and plain text is not mistaken for it', async () => {
    const folder = await createTemporaryFolder(onTestFinished);
    const [cert, key] = [join(folder, 'cert.pem'), join(folder, 'key.pem')];
    const subject = ['-subj', '/CN=localhost', '-addext', 'subjectAltName=DNS:localhost,IP:127.0.0.1'];
    const kind = ['-newkey', 'rsa:2048', '-nodes', '-days', '1'];
    execFileSync('openssl', ['req', '-x509', ...kind, ...subject, '-keyout', key, '-out', cert], { stdio: 'ignore' });
    const plain = await startRedis({ onEnd: onTestFinished, config: {} });
    const raw = await openRawClient(plain.url, onTestFinished);
    const port = await findFreePort();
    for (const [name, value] of [
      ['tls-cert-file', cert],
      ['tls-key-file', key],
      ['tls-ca-cert-file', cert],
      ['tls-auth-clients', 'no'],
      ['tls-port', String(port)],
    ] as const) {
      await raw.ask('CONFIG', 'SET', name, value);
    }
    const url = `rediss://127.0.0.1:${port}`;
    await expectRefusal({ url }, 'INVALID', /tls/);
    const store = await openFor({ url, tls: { ca: readFileSync(cert, 'utf8') } });
    await store.set('a', 1);
    expect(await store.get('a')).toBe(1);
    await expectRefusal({ url: plain.url.replace('redis:', 'rediss:') }, 'UNAVAILABLE', /TLS/);
    await expectRefusal({ url: `redis://127.0.0.1:${port}` }, 'UNAVAILABLE', /TLS/);
  });
});
