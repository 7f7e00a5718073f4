import { readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { createTemporaryFolder } from '@sorcha/storage/testing';
import { describe, expect, it, onTestFinished } from 'vitest';
import { defineProvider } from '../providers/provider.ts';
import { PROVIDERS } from '../providers/provider-table.ts';
import { diagnose } from './diagnose.ts';

/** Nobody listens there. */
const CLOSED = '127.0.0.1:1';

async function writeConfig(storage: object): Promise<string> {
  const file = join(await createTemporaryFolder(onTestFinished), 'sorcha.json');
  await writeFile(file, JSON.stringify({ storage }));
  return file;
}

describe('a diagnosis', () => {
  it('says of every tier what is there, and makes nothing', async () => {
    const folder = await createTemporaryFolder(onTestFinished);
    const sqlite = (name: string) => ({ provider: 'sqlite', file: join(folder, 'new', name) });
    const file = await writeConfig({
      warm: { relational: sqlite('r.sqlite'), documents: sqlite('d.sqlite') },
      cold: { provider: 'memory' },
    });
    const findings = await diagnose({ file, environment: {} });
    expect(findings.map(({ name, status }) => `${name} ${status}`)).toEqual([
      'configuration pass',
      'storage.hot pass',
      'storage.warm.relational pass',
      'storage.warm.documents pass',
      'storage.cold warn',
    ]);
    expect(await readdir(folder)).toEqual([]);
  });

  it('names the setting of what cannot be reached, and what to do', async () => {
    const file = await writeConfig({
      hot: { provider: 'redis', url: `redis://:hunter2-hunter2@${CLOSED}` },
      warm: {
        relational: { provider: 'postgres', url: `postgres://user@${CLOSED}/db`, password: 'hunter2-hunter2' },
        documents: { provider: 'mongodb', url: `mongodb://user:hunter2-hunter2@${CLOSED}/db`, connectTimeoutMs: 200 },
      },
      cold: { provider: 'sqlite', file: '/dev/null/cold.sqlite' },
    });
    const findings = await diagnose({ file, environment: {} });
    expect(findings.slice(1).map(({ status, fix }) => `${status}: ${fix}`)).toEqual([
      'fail: check storage.hot.url',
      'fail: check storage.warm.relational.url',
      'fail: check storage.warm.documents.url',
      'fail: check storage.cold.file',
    ]);
    expect(JSON.stringify(findings)).not.toContain('hunter2');
  });

  it('lists the mistakes of a configuration instead', async () => {
    const file = await writeConfig({ hot: { provider: 'redis' }, cold: { provider: 'cassandra' } });
    expect(await diagnose({ file, environment: { SORCHA__STORAGE__HOT__TLL_MS: '3' } })).toMatchObject([
      { name: 'storage.hot.tllMs', status: 'fail', detail: 'is an unknown setting (SORCHA__STORAGE__HOT__TLL_MS)' },
      {
        name: 'storage.cold.provider',
        status: 'fail',
        fix: 'it must be "memory" or "sqlite" or "postgres" or "mongodb"',
      },
    ]);
  });

  it('says when a provider cannot be looked at', async () => {
    const odd = defineProvider({
      port: 'worm',
      name: 'odd',
      settings: {},
      open: () => async () => Promise.reject(new Error('no')),
    });
    const file = await writeConfig({ cold: { provider: 'odd' } });
    const findings = await diagnose({ file, environment: {} }, [...PROVIDERS, odd]);
    expect(findings.at(-1)).toMatchObject({ name: 'storage.cold', status: 'warn' });
  });
});
