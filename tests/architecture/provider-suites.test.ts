import { describe, expect, it } from 'vitest';
import { listSourceFiles } from './source-files.ts';

/** The ports and the suite of each. */
const SUITES: Readonly<Record<string, string>> = {
  CacheStore: 'testCacheStore',
  RelationalStore: 'testRelationalStore',
  DocumentStore: 'testDocumentStore',
  WormStore: 'testWormStore',
};

/** A provider of a port is a public function called like `openSqliteWormStore`, which returns that port. */
const PROVIDER = new RegExp(
  `export (?:async )?function ((?:create|open)[A-Z]\\w*?(${Object.keys(SUITES).join('|')}))\\b`,
  'g',
);
const TEST_ROOM = /\/(?:testing|conformance)\//;

const files = listSourceFiles();
const providers = files
  .filter(({ path, workspace }) => workspace?.startsWith('packages/') && !TEST_ROOM.test(path))
  .flatMap(({ text }) => Array.from(text.matchAll(PROVIDER)))
  .map(([, name = '', port = '']) => ({ name, port }));

describe('conformance suites', () => {
  it('find the providers of every port', () => {
    expect([...new Set(providers.map(({ port }) => port))].sort()).toEqual(Object.keys(SUITES).sort());
    expect(providers.map(({ name }) => name)).toContain('openSqliteWormStore');
  });

  it.each(providers)('run on $name', ({ name, port }) => {
    const runs = files.filter(
      ({ path, text }) =>
        /conformance(?:\.int)?\.test\.ts$/.test(path) && text.includes(`${name}(`) && text.includes(`${SUITES[port]}(`),
    );
    expect(runs.map(({ path }) => path)).not.toEqual([]);
  });
});
