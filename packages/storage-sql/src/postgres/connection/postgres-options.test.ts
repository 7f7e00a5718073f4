import { inspect } from 'node:util';
import { describe, expect, test } from 'vitest';
import { openPostgresDocumentStore } from '../documents/open-postgres-document-store.ts';
import { openPostgresRelationalStore } from '../relational/open-postgres-relational-store.ts';
import { createPostgresWormTable } from '../worm/create-postgres-worm-table.ts';
import { openPostgresWormStore } from '../worm/open-postgres-worm-store.ts';
import { checkPostgresOptions, type PostgresOptions } from './postgres-options.ts';

const url = 'postgres://u:secret@h:1/d';

test('what is left out has its default, and nothing comes from the environment', () => {
  const before = { ...process.env };
  Object.assign(process.env, {
    PGHOST: 'x',
    PGUSER: 'x',
    PGPASSWORD: 'x',
    PGDATABASE: 'x',
    PGPORT: '9',
    PGSSLMODE: 'require',
  });
  try {
    const { client, ...rest } = checkPostgresOptions({ user: 'u' });
    expect(client).toMatchObject({ host: 'localhost', port: 5_432, database: 'u', user: 'u', ssl: false });
    expect(rest).toMatchObject({ place: 'u at localhost:5432', schema: 'sorcha', max: 10, statementTimeoutMs: 30_000 });
  } finally {
    process.env = before;
  }
});

test.each([
  ['definition', openPostgresWormStore],
  ['definition', createPostgresWormTable],
  ['definition', openPostgresDocumentStore],
  ['entities', openPostgresRelationalStore],
])('without options, or the option "%s", nothing is opened', async (name, open) => {
  const said = { code: 'INVALID', message: expect.stringContaining(`"${name}"`) as unknown };
  for (const options of [undefined, null, { url }, { url, [name]: null }]) {
    await expect(Reflect.apply(open, undefined, [options])).rejects.toMatchObject(said);
  }
});

test('the password is in nothing that can be printed', () => {
  const checked = checkPostgresOptions({ url });
  expect(inspect(checked, { depth: 9 })).not.toContain('secret');
  expect(JSON.stringify(checked)).not.toContain('secret');
});

describe('what cannot be used is INVALID by name', () => {
  test.each<[PostgresOptions, RegExp]>([
    [{ url, host: 'h' }, /url and host/u],
    [{ url, password: 'p' }, /url and password/u],
    [{}, /user/u],
    [{ user: 'u', port: 0 }, /port/u],
    [{ url, schema: 'Upper' }, /schema/u],
    [{ url, schema: 'pg_own' }, /schema/u],
    [{ url, schema: 'a"; drop schema public; --' }, /schema/u],
    [{ url, schema: 'x'.repeat(41) }, /schema/u],
    [{ url, pool: { max: 0 } }, /pool\.max/u],
    [{ url, pool: { acquireTimeoutMs: -1 } }, /pool\.acquireTimeoutMs/u],
    [{ url, pool: { idleTimeoutMs: 0.5 } }, /pool\.idleTimeoutMs/u],
    [{ url, pool: { connectTimeoutMs: 2 ** 31 } }, /pool\.connectTimeoutMs/u],
    [{ url, statementTimeoutMs: 0 }, /statementTimeoutMs/u],
  ])('%j', (options, name) => {
    expect(() => checkPostgresOptions(options)).toThrow(
      expect.objectContaining({ code: 'INVALID', message: expect.stringMatching(name) as unknown }),
    );
  });
});
