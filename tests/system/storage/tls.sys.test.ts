import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { createTemporaryFolder } from '@sorcha/storage/testing';
import { startMongo, startPostgres, startRedis } from '@sorcha/test-servers';
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { z } from 'zod';
import { parseLine, runSorcha } from '../run-sorcha.ts';
import { type Certificate, createCertificate, startTlsNetwork } from './start-tls-network.ts';

const ends: (() => Promise<void> | void)[] = [];
const onEnd = (end: () => Promise<void> | void) => void ends.push(end);

interface Urls {
  readonly redis: URL;
  readonly postgres: URL;
  readonly mongo: URL;
}

let certificate: Certificate;
let urls: Urls;
beforeAll(async () => {
  certificate = createCertificate(await createTemporaryFolder(onEnd));
  const [redis, postgres, mongo] = await Promise.all([
    startRedis({ onEnd }),
    startPostgres({ onEnd }),
    startMongo({ onEnd }),
  ]);
  const inTls = async (url: string) => startTlsNetwork(url, certificate, onEnd);
  urls = {
    redis: await inTls(redis.url),
    postgres: await inTls(await postgres.createDatabase()),
    mongo: await inTls(await mongo.createDatabase()),
  };
  urls.mongo.searchParams.set('directConnection', 'true');
});
afterAll(async () => {
  for (const end of ends) {
    await end();
  }
});

const findings = z.array(z.looseObject({ name: z.string(), status: z.string(), detail: z.string() }));

/** Looks at the three servers as a configuration with these parameters of their urls does: `ok`, or what is wrong. */
async function lookAt(options: {
  readonly host?: string;
  readonly sslmode?: string;
  readonly mongo?: Readonly<Record<string, string>>;
  readonly env?: Readonly<Record<string, string>>;
}): Promise<Record<string, string>> {
  const { host = 'localhost', sslmode = 'verify-full', mongo = {}, env = {} } = options;
  const [postgresUrl, mongoUrl] = [new URL(urls.postgres), new URL(urls.mongo)];
  postgresUrl.searchParams.set('sslmode', sslmode);
  for (const [name, value] of Object.entries({ tls: 'true', ...mongo })) {
    mongoUrl.searchParams.set(name, value);
  }
  const at = (url: string) => url.replace('localhost', host);
  const storage = {
    hot: { provider: 'redis', url: at(urls.redis.href.replace('redis:', 'rediss:')) },
    warm: {
      relational: { provider: 'postgres', url: at(postgresUrl.href) },
      documents: { provider: 'mongodb', url: at(mongoUrl.href), connectTimeoutMs: 1_000 },
    },
  };
  const cwd = await createTemporaryFolder(onTestFinished);
  await writeFile(join(cwd, 'sorcha.json'), JSON.stringify({ storage }));
  const { stdout } = await runSorcha(['doctor', '--config', 'sorcha.json', '--json'], { cwd, env });
  const found = findings.parse(parseLine(stdout)['findings']).slice(1, 4);
  return Object.fromEntries(found.map(({ name, status, detail }) => [name, status === 'pass' ? 'ok' : detail]));
}

const all = (told: unknown) => ({
  'storage.hot': told,
  'storage.warm.relational': told,
  'storage.warm.documents': told,
});

describe('TLS by configuration (docs/configuration.md)', () => {
  it('is refused when nobody who is known has signed the certificate, and the reason is named', async () => {
    expect(await lookAt({})).toEqual(all(expect.stringContaining('self-signed certificate')));
  });

  it('is trusted when NODE_EXTRA_CA_CERTS names who has, but for other hosts than those in the certificate', async () => {
    const env = { NODE_EXTRA_CA_CERTS: certificate.file };
    expect(await lookAt({ env })).toEqual(all('ok'));
    expect(await lookAt({ env, host: '127.0.0.1' })).toEqual(
      all(expect.stringContaining('does not match certificate')),
    );
  });

  it('on MongoDB can name the authority in the url, and on PostgreSQL be left unchecked', async () => {
    expect(await lookAt({ sslmode: 'no-verify', mongo: { tlsCAFile: certificate.file } })).toMatchObject({
      'storage.warm.relational': 'ok',
      'storage.warm.documents': 'ok',
    });
  });

  it('of a kind or with files that cannot be had is refused by name', async () => {
    const told = await lookAt({ sslmode: 'prefer', mongo: { tlsCAFile: join('nowhere', 'ca.pem') } });
    expect(told['storage.warm.relational']).toContain('sslmode "prefer" is unknown; use disable, require, verify-full');
    expect(told['storage.warm.documents']).toMatch(/nowhere.ca\.pem.*\(UNAVAILABLE\)/);
  });
});
