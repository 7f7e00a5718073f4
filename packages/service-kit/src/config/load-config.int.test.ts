import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { inspect } from 'node:util';
import { createTemporaryFolder } from '@sorcha/storage/testing';
import { describe, expect, it, onTestFinished } from 'vitest';
import { z } from 'zod';
import { ConfigError } from './config-error.ts';
import { loadConfig } from './load-config.ts';
import {
  choiceSetting,
  flagSetting,
  listSetting,
  secretSetting,
  serverUrlSetting,
  textSetting,
  wholeNumberSetting,
} from './settings.ts';

const schema = z.strictObject({
  server: z.discriminatedUnion('provider', [
    z.strictObject({ provider: z.literal('near'), size: wholeNumberSetting(1, 100).default(10) }),
    z
      .strictObject({
        provider: z.literal('far'),
        url: serverUrlSetting(['far:'], 'far://host:1'),
        password: secretSetting().optional(),
        timeoutMs: wholeNumberSetting(1, 60_000, 'in milliseconds').default(250),
        isEager: flagSetting().default(false),
        mode: choiceSetting(['one', 'many']).default('one'),
        nodes: listSetting(textSetting(), 'a list of names').optional(),
      })
      .transform((settings) => settings),
  ]),
});

async function writeConfig(text: string): Promise<string> {
  const file = join(await createTemporaryFolder(onTestFinished), 'sorcha.jsonc');
  await writeFile(file, text);
  return file;
}

async function findMistakes(text: string | undefined, environment: Readonly<Record<string, string>> = {}) {
  const file = text === undefined ? undefined : await writeConfig(text);
  const error: unknown = await loadConfig(schema, { ...(file === undefined ? {} : { file }), environment }).catch(
    (reason: unknown) => reason,
  );
  expect(error).toBeInstanceOf(ConfigError);
  const mistakes = error instanceof ConfigError ? error.mistakes : [];
  return mistakes.map((mistake) => Object.assign({}, mistake, { source: mistake.source.replace(file ?? '-', 'file') }));
}

describe('a configuration (FR-002)', () => {
  it('is read from a JSON file with comments and trailing commas', async () => {
    const file = await writeConfig(
      '{ // what is far\n "server": { "provider": "far", "url": "far://host:1", "isEager": true, }, }',
    );
    const { server } = await loadConfig(schema, { file, environment: {} });
    expect(server).toMatchObject({ provider: 'far', url: { shown: 'far://host:1' }, timeoutMs: 250, isEager: true });
  });

  it('is overridden by the environment, setting by setting, with numbers, flags and lists as text', async () => {
    const file = await writeConfig('{ "server": { "provider": "far", "url": "far://host:1", "timeoutMs": 7 } }');
    const environment = {
      SORCHA__SERVER__TIMEOUT_MS: '900',
      SORCHA__SERVER__IS_EAGER: 'true',
      SORCHA__SERVER__NODES: 'a, b',
      PATH: '/bin',
    };
    const { server } = await loadConfig(schema, { file, environment });
    expect(server).toMatchObject({ timeoutMs: 900, isEager: true, nodes: ['a', 'b'] });
  });

  it('comes from the environment alone when there is no file', async () => {
    expect(await loadConfig(schema, { environment: { SORCHA__SERVER__PROVIDER: 'near' } })).toEqual({
      server: { provider: 'near', size: 10 },
    });
  });
});

describe('a mistake in a configuration', () => {
  it('is listed with all others: path, place, and what is allowed', async () => {
    const text =
      '{\n  "server": {\n    "provider": "far",\n    "timeoutMs": 0,\n    "mode": "some",\n    "extra": 1\n  }\n}';
    expect(await findMistakes(text, { SORCHA__SERVER__IS_EAGER: 'maybe' })).toEqual([
      {
        path: 'server.url',
        source: 'file:2:13',
        problem: 'is missing',
        allowed: 'it must be an address like far://host:1',
      },
      {
        path: 'server.timeoutMs',
        source: 'file:4:18',
        problem: '0 cannot be used',
        allowed: 'it must be a whole number from 1 to 60,000, in milliseconds',
      },
      {
        path: 'server.isEager',
        source: 'SORCHA__SERVER__IS_EAGER',
        problem: '"maybe" cannot be used',
        allowed: 'it must be true or false',
      },
      {
        path: 'server.mode',
        source: 'file:5:13',
        problem: '"some" cannot be used',
        allowed: 'it must be "one" or "many"',
      },
      {
        path: 'server.extra',
        source: 'file:6:14',
        problem: 'is an unknown setting',
        allowed: 'known here are provider, url, password, timeoutMs, isEager, mode, nodes',
      },
    ]);
  });

  it('of a provider that nobody knows names those that there are', async () => {
    expect(await findMistakes('{"server":{"provider":"nowhere"}}')).toMatchObject([
      { path: 'server.provider', problem: '"nowhere" cannot be used', allowed: 'it must be "near" or "far"' },
    ]);
    expect(await findMistakes('{"server":{}}')).toMatchObject([{ path: 'server.provider', problem: 'is missing' }]);
    expect(await findMistakes('{"server":3}')).toMatchObject([
      { path: 'server', problem: '3 cannot be used', allowed: 'it must be an object with provider' },
    ]);
    expect(
      await findMistakes(undefined, { SORCHA__SERVER__PROVIDER: 'near', SORCHA__SERVER__SIZE__MAX: '1' }),
    ).toMatchObject([
      { path: 'server.size', source: 'SORCHA__SERVER__SIZE__MAX', problem: 'an object cannot be used' },
    ]);
    expect(await findMistakes(undefined)).toMatchObject([{ path: 'server', source: 'not set', problem: 'is missing' }]);
  });

  it('of spelling in the environment names the variable', async () => {
    expect(await findMistakes(undefined, { SORCHA__SERVER__PROVIDER: 'near', SORCHA__SERVER__SIZ: '1' })).toMatchObject(
      [{ path: 'server.siz', source: 'SORCHA__SERVER__SIZ', problem: 'is an unknown setting' }],
    );
    expect(await findMistakes(undefined, { SORCHA__SERVER__PROVIDER: '' })).toMatchObject([{ problem: 'is empty' }]);
    for (const variable of [
      'SORCHA__',
      'sorcha__server__size',
      'SORCHA__server__size',
      'SORCHA_SERVER__SIZE',
      'Sorcha__Server',
    ]) {
      expect(await findMistakes(undefined, { SORCHA__SERVER__PROVIDER: 'near', [variable]: '1' })).toMatchObject([
        { source: variable, problem: 'the variable names no setting' },
      ]);
    }
    expect(await findMistakes(undefined, { SORCHA__SERVER: 'x', SORCHA__SERVER__SIZE: '1' })).toMatchObject([
      { source: 'SORCHA__SERVER__SIZE', problem: 'leads into a setting that has a value itself' },
      { source: 'SORCHA__SERVER', problem: '"x" cannot be used' },
    ]);
  });

  it('of the file as a whole names the file and the place in it', async () => {
    expect(await findMistakes('{"server": }')).toMatchObject([{ path: '', source: 'file:1:12' }]);
    // What follows from the first error is not listed.
    expect(await findMistakes('{\n  "server": {\n    "provider": "near"\n    size: 1 }\n}')).toMatchObject([
      { path: '', source: 'file:4:5', problem: 'The file is not JSON: Invalid symbol' },
    ]);
    expect(await findMistakes('[]')).toMatchObject([{ problem: 'The file holds no JSON object' }]);
    for (const nothing of ['', ' \n', '\uFEFF']) {
      expect(await findMistakes(nothing)).toMatchObject([{ path: '', problem: 'The file is empty' }]);
    }
    expect(await findMistakes('\uFEFF{"server":{"provider":"near","size":0}}')).toMatchObject([
      { path: 'server.size' },
    ]);
    expect(await findMistakes('{"server":{"provider":"near","size":1,"size":2}}')).toMatchObject([
      { path: 'server.size', problem: 'is set twice' },
    ]);
    await expect(loadConfig(schema, { file: '/nowhere/sorcha.json', environment: {} })).rejects.toMatchObject({
      code: 'INVALID_CONFIG',
    });
  });

  it('in one source hides none in the other, and makes nothing look missing', async () => {
    const environment = { SORCHA__SERVER__SIZE: '', SORCHA__SERVER__EXTRA: '1' };
    expect(await findMistakes('{"server":{"provider":"near","size":0}}', environment)).toMatchObject([
      { path: 'server.size', source: 'SORCHA__SERVER__SIZE', problem: 'is empty' },
      { path: 'server.size', source: 'file:1:37', problem: '0 cannot be used' },
      { path: 'server.extra', source: 'SORCHA__SERVER__EXTRA' },
    ]);
    expect(await findMistakes('{"server":', { SORCHA__SERVER__SIZE: '0', SERVER: 'x' })).toMatchObject([
      { path: '', source: 'file:1:11' },
    ]);
  });

  it('cannot reach the prototype of anything', async () => {
    expect(await findMistakes('{"server":{"provider":"near","__proto__":{"size":3}}}')).toMatchObject([
      { path: 'server.__proto__', problem: 'is an unknown setting' },
    ]);
    expect(await findMistakes(undefined, { SORCHA__SERVER____PROTO____SIZE: '3' })).toMatchObject([
      { problem: 'the variable names no setting' },
    ]);
  });
});

describe('a secret', () => {
  const environment = {
    SORCHA__SERVER__PROVIDER: 'far',
    SORCHA__SERVER__URL: 'far://user:p%40ss-word@host:1',
    SORCHA__SERVER__PASSWORD: 'hunter2-hunter2',
  };

  it('is printed by nothing', async () => {
    const config = await loadConfig(schema, { environment });
    const printed = [inspect(config, { depth: 9, showHidden: true }), JSON.stringify(config), inspect(config.server)];
    expect(printed.join()).not.toMatch(/hunter2|p@ss|p%40ss/);
    expect(config.server).toMatchObject({ url: { shown: 'far://user@host:1', username: 'user' } });
  });

  it('is not part of a mistake, wherever it was put', async () => {
    const wrong = {
      ...environment,
      SORCHA__SERVER__URL: 'http://user:hunter2@host',
      SORCHA__SERVER__PASSWORD: 'x'.repeat(5000),
    };
    const mistakes = await findMistakes(undefined, wrong);
    expect(mistakes.map(({ path }) => path)).toEqual(['server.url', 'server.password']);
    expect(JSON.stringify(mistakes)).not.toMatch(/hunter2|xxxx/);
  });

  it.each([
    'far:/user:hunter2@host',
    'user:hunter2@host:1',
    'near://user:hunter2',
    'host=h user=u password=hunter2',
    'jdbc:far://host?user=u&password=hunter2',
    'far://user@host:1/?password=hunter2',
    'far://user@host:1/?sslPassword=hunter2&x=1',
  ])('is not shown of an address that cannot be used: %s', async (url) => {
    const mistakes = await findMistakes(undefined, { SORCHA__SERVER__PROVIDER: 'far', SORCHA__SERVER__URL: url });
    expect(mistakes).toMatchObject([{ path: 'server.url', source: 'SORCHA__SERVER__URL' }]);
    expect(JSON.stringify(mistakes)).not.toContain('hunter2');
  });

  it('is not shown of an address in a list or an object', async () => {
    for (const url of [['far://u:hunter2@h'], { url: 'far://u:hunter2@h' }]) {
      const mistakes = await findMistakes(JSON.stringify({ server: { provider: 'far', url } }));
      expect(mistakes).toMatchObject([{ path: 'server.url' }]);
      expect(JSON.stringify(mistakes)).not.toContain('hunter2');
    }
  });

  it('can lie in a file of its own', async () => {
    const folder = await createTemporaryFolder(onTestFinished);
    const passwordFile = join(folder, 'password');
    await writeFile(passwordFile, 'from a file\n');
    const file = await writeConfig(JSON.stringify({ server: { provider: 'far', url: 'far://host:1', passwordFile } }));
    const { server } = await loadConfig(schema, { file, environment: {} });
    expect(server.provider === 'far' ? server.password?.reveal() : undefined).toBe('from a file');
    await expect(loadConfig(schema, { file, environment: { SORCHA__SERVER__PASSWORD: 'too' } })).rejects.toMatchObject({
      mistakes: [{ path: 'server.passwordFile', problem: 'is set beside "password"' }],
    });
    await expect(
      loadConfig(schema, { file, environment: { SORCHA__SERVER__PASSWORD_FILE: join(folder, 'none') } }),
    ).rejects.toMatchObject({ mistakes: [{ path: 'server.passwordFile', source: 'SORCHA__SERVER__PASSWORD_FILE' }] });
  });
});
