import { chmod, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { createTemporaryFolder } from '@sorcha/storage/testing';
import { describe, expect, it, onTestFinished } from 'vitest';
import { type Configuration, expectMistake, SECRET } from './create-start-check.ts';

const postgres = { provider: 'postgres', url: 'postgres://app@db.internal/app', password: SECRET };

/** Mistakes that can be seen without asking a server: the row of the table, where, and what is said. */
const mistakes: readonly (readonly [row: string, path: string, told: RegExp, configuration: Configuration])[] = [
  [
    'wrong scheme in an address',
    'storage.warm.relational.url',
    /"mysql:\/\/\[redacted\]" cannot be used; it must be an address like postgres:\/\//,
    { storage: { warm: { relational: { ...postgres, url: `mysql://app:${encodeURIComponent(SECRET)}@db/app` } } } },
  ],
  [
    'wrong scheme in an address of redis',
    'storage.hot.url',
    /it must be an address like redis:\/\//,
    { storage: { hot: { provider: 'redis', url: `http://:${encodeURIComponent(SECRET)}@cache` } } },
  ],
  [
    'wrong scheme in an address of mongodb',
    'storage.cold.url',
    /it must be an address like mongodb:\/\//,
    { storage: { cold: { provider: 'mongodb', url: 'postgres://app@db/app', password: SECRET } } },
  ],
  [
    'an address that is none',
    'storage.hot.nodes.1',
    /"two" cannot be used; it must be a list of addresses of some nodes of a cluster/,
    { storage: { hot: { provider: 'redis', nodes: 'redis://one:6379, two' } } },
  ],
  [
    'an address in a list that is none',
    'storage.hot.nodes.0',
    /"http:\/\/\[redacted\]" cannot be used; it must be a list/,
    { storage: { hot: { provider: 'redis', nodes: [`http://a:${SECRET}@one`, 'redis://two'] } } },
  ],
  [
    'unknown provider',
    'storage.cold.provider',
    /"cassandra" cannot be used; it must be "memory" or "sqlite" or "postgres" or "mongodb" \(sorcha.jsonc:\d+:\d+\)/,
    { storage: { cold: { provider: 'cassandra', password: SECRET } } },
  ],
  [
    'a provider of another tier',
    'storage.hot.provider',
    /it must be "memory" or "redis"/,
    { storage: { hot: { provider: 'postgres' } } },
  ],
  [
    'unknown setting',
    'storage.warm.relational.maxConnection',
    /is an unknown setting; known here are .*maxConnections/,
    { storage: { warm: { relational: { ...postgres, maxConnection: 5 } } } },
  ],
  [
    'unknown setting, a mistyped variable',
    'storage.hot.tllMs',
    /is an unknown setting; known here are .*ttlMs.*\(SORCHA__STORAGE__HOT__TLL_MS\)/,
    { storage: { hot: { provider: 'memory' } }, environment: { SORCHA__STORAGE__HOT__TLL_MS: '60000' } },
  ],
  [
    'a number out of its bounds',
    'storage.hot.ttlMs',
    /0 cannot be used; it must be a whole number from 1 to 31,536,000,000, in milliseconds/,
    { storage: { hot: { provider: 'memory', ttlMs: 0 } } },
  ],
  [
    'a word for a number',
    'storage.warm.relational.maxConnections',
    /"many" cannot be used; it must be a whole number from 1 to 1,000 \(SORCHA__/,
    {
      storage: { warm: { relational: postgres } },
      environment: { SORCHA__STORAGE__WARM__RELATIONAL__MAX_CONNECTIONS: 'many' },
    },
  ],
  [
    'a name that a server would not take',
    'storage.warm.relational.schema',
    /"Pg-App" cannot be used; it must be 1 to 40 characters/,
    { storage: { warm: { relational: { ...postgres, schema: 'Pg-App' } } } },
  ],
  [
    'a secret behind the "?" of an address',
    'storage.cold.url',
    /"postgres:\/\/\[redacted\]" cannot be used, because it has a secret behind the "\?"; set "password"/,
    {
      storage: { cold: { provider: 'postgres', url: `postgres://app@db/app?password=${encodeURIComponent(SECRET)}` } },
    },
  ],
  [
    'a file name that means something else elsewhere',
    'storage.cold.file',
    /":memory:" cannot be used; it must be the path of a file/,
    { storage: { cold: { provider: 'sqlite', file: ':memory:' } } },
  ],
  [
    'a mistyped variable in small letters',
    '',
    /the variable names no setting; write it in capitals like SORCHA__.* \(sorcha__storage__hot__provider\)/,
    { storage: {}, environment: { sorcha__storage__hot__provider: 'redis' } },
  ],
  [
    'a setting that is missing',
    'storage.cold.url',
    /is missing; it must be an address/,
    { storage: { cold: { provider: 'postgres', password: SECRET } } },
  ],
  [
    'a file for a secret that is not there',
    'storage.warm.relational.passwordFile',
    /cannot be read: ENOENT.*name a file that holds the secret/,
    { storage: { warm: { relational: { provider: 'postgres', url: postgres.url, passwordFile: '/run/secrets/no' } } } },
  ],
  [
    'a secret that is no text',
    'storage.hot.password',
    /\[redacted\] cannot be used; it must be a secret text/,
    { storage: { hot: { provider: 'redis', url: 'redis://cache', password: [SECRET] } } },
  ],
];

describe('a mistake in the configuration (docs/configuration.md, FR-002)', () => {
  it.each(mistakes)('%s: %s', async (_, path, told, configuration) => {
    expect(await expectMistake(path, configuration)).toMatch(told);
  });

  it('a file for a secret that is empty, and one beside the secret', async () => {
    const file = join(await createTemporaryFolder(onTestFinished), 'password');
    await writeFile(file, '\n');
    await chmod(file, 0o400);
    const { url } = postgres;
    const path = 'storage.cold.passwordFile';
    expect(await expectMistake(path, { storage: { cold: { provider: 'postgres', url, passwordFile: file } } })).toMatch(
      /it is empty/,
    );
    await writeFile(join(file, '..', 'other'), SECRET);
    const both = { storage: { cold: { ...postgres, passwordFile: join(file, '..', 'other') } } };
    expect(await expectMistake(path, both)).toMatch(/is set beside "password"/);
  });
});
