import { execFileSync } from 'node:child_process';
import { once } from 'node:events';
import { writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { createTemporaryFolder } from '@sorcha/storage/testing';
import { startRedis } from '@sorcha/test-servers';
import { describe, expect, it, onTestFinished } from 'vitest';
import { loadConfig } from '../config/load-config.ts';
import { openStorage } from '../storage/open-storage.ts';
import { createStorageSchema } from '../storage/storage-schema.ts';

async function load(settings: Readonly<Record<string, string | number>>) {
  const file = join(await createTemporaryFolder(onTestFinished), 'sorcha.json');
  await writeFile(file, JSON.stringify({ hot: { provider: 'redis', breakMs: 200, ...settings } }));
  return loadConfig(createStorageSchema(), { file, environment: {} });
}

async function open(settings: Readonly<Record<string, string | number>>) {
  const storage = await openStorage(await load(settings), (stores) => ({ cache: stores.cache() }));
  onTestFinished(storage.close);
  return { cache: storage.stores.cache, health: storage.health };
}

async function waitUntil(isSo: () => Promise<boolean>): Promise<void> {
  const giveUpAt = performance.now() + 20_000;
  while (!(await isSo())) {
    expect(performance.now()).toBeLessThan(giveUpAt);
    await sleep(10);
  }
}

describe('copies in the process (nearMaxEntries)', () => {
  it('end with the change of another process and with the server, and answer without it', async () => {
    const server = await startRedis({ faults: true, onEnd: onTestFinished });
    const near = { url: server.url, nearMaxEntries: 100, nearTtlMs: 3_600_000 };
    const [one, two, plain] = await Promise.all([open(near), open(near), open({ url: server.url })]);
    const reads = async (text: string) => waitUntil(async () => (await one.cache.get('k')) === text);
    await two.cache.set('k', 'first');
    await reads('first');
    await two.cache.set('k', 'second');
    await reads('second');
    // Read again, now that the change was heard: from here on there is a copy.
    await sleep(200);
    await one.cache.get('k');
    await server.pause();
    expect([await one.cache.get('k'), await plain.cache.get('k')]).toEqual(['second', undefined]);
    await server.resume();
    await server.kill();
    await waitUntil(async () => (await one.cache.get('k')) === undefined);
    await server.restart();
    await waitUntil(async () => (await two.health()).status === 'pass');
    await two.cache.set('k', 'third');
    await waitUntil(async () => (await one.health()).status === 'pass');
    expect(await one.cache.get('k')).toBe('third');
  });
});

/** Makes a certificate that signs itself. */
function makeCertificate(folder: string, name: string) {
  const [file, keyFile] = [join(folder, `${name}.pem`), join(folder, `${name}.key`)];
  const kind = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes', '-days', '1'];
  const subject = ['-subj', `/CN=${name}`, '-addext', `subjectAltName=DNS:${name}`];
  execFileSync('openssl', ['req', '-x509', ...kind, ...subject, '-keyout', keyFile, '-out', file], { stdio: 'ignore' });
  return { file, keyFile };
}

describe('TLS by configuration', () => {
  it('takes authority, certificate and name from the settings, and blames the one that is wrong', async () => {
    const folder = await createTemporaryFolder(onTestFinished);
    const [own, other] = [makeCertificate(folder, 'cache.example'), makeCertificate(folder, 'other.example')];
    const port = String(await findFreePort());
    const config = {
      'tls-port': port,
      'tls-cert-file': `"${own.file}"`,
      'tls-key-file': `"${own.keyFile}"`,
      'tls-ca-cert-file': `"${own.file}"`,
      'tls-auth-clients': 'yes',
    };
    await startRedis({ config, onEnd: onTestFinished });
    const url = `rediss://127.0.0.1:${port}`;
    const server = { tlsCaFile: own.file, tlsServername: 'cache.example' };
    const service = { tlsCertFile: own.file, tlsKeyFile: own.keyFile };
    const { cache, health } = await open({ url, ...server, ...service });
    await cache.set('k', 'kept');
    expect(await cache.get('k')).toBe('kept');
    expect(await health()).toMatchObject({ status: 'pass' });

    const mistakes = {
      tlsCaFile: [
        { ...service, tlsServername: 'cache.example' },
        { ...server, ...service, tlsCaFile: other.file },
        { ...server, ...service, tlsCaFile: join(folder, 'nowhere.pem') },
      ],
      tlsServername: [{ ...service, tlsCaFile: own.file }],
      tlsCertFile: [
        server,
        { ...server, tlsCertFile: own.file },
        { ...server, tlsCertFile: other.file, tlsKeyFile: other.keyFile },
        { ...server, ...service, tlsCertFile: join(folder, 'nowhere.pem') },
      ],
      tlsKeyFile: [
        { ...server, ...service, tlsKeyFile: own.file },
        { ...server, ...service, tlsKeyFile: other.keyFile },
        { ...server, ...service, tlsKeyFile: join(folder, 'nowhere.pem') },
      ],
    };
    for (const [setting, wrong] of Object.entries(mistakes)) {
      for (const settings of wrong) {
        await expect(open({ url, ...settings })).rejects.toMatchObject({
          failures: [{ path: `storage.hot.${setting}`, code: 'INVALID' }],
        });
      }
    }
  });
});

async function findFreePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  server.close();
  await once(server, 'close');
  return typeof address === 'object' && address !== null ? address.port : 0;
}
