import { isBuiltin } from 'node:module';
import { dirname, posix } from 'node:path';
import { describe, expect, it } from 'vitest';
import { listWorkspaces, readManifest } from './manifest.ts';
import { listSourceFiles } from './source-files.ts';

/** Which of our packages each workspace may import; a workspace without a line here fails. */
const MAY_IMPORT: Readonly<Record<string, readonly string[]>> = {
  'packages/storage': [],
  'packages/storage-sql': ['@sorcha/storage'],
  'packages/storage-redis': ['@sorcha/storage'],
  'packages/storage-mongodb': ['@sorcha/storage'],
  'packages/register': ['@sorcha/storage'],
  'packages/service-kit': [
    '@sorcha/storage',
    '@sorcha/storage-sql',
    '@sorcha/storage-redis',
    '@sorcha/storage-mongodb',
  ],
  'tests/servers': [],
  bench: [],
  'apps/cli': ['@sorcha/storage', '@sorcha/storage-sql', '@sorcha/register', '@sorcha/service-kit'],
};

/** What tests of any workspace may import, to have a real server. */
const TEST_SERVERS = '@sorcha/test-servers';

/** The one workspace that may import each database client, beside test servers and benchmarks. */
const CLIENT_HOME: Readonly<Record<string, string>> = {
  'node:sqlite': 'packages/storage-sql',
  kysely: 'packages/storage-sql',
  pg: 'packages/storage-sql',
  redis: 'packages/storage-redis',
  mongodb: 'packages/storage-mongodb',
};

/** Folders whose imports are limited to the listed folders and modules. */
const CLOSED_ROOMS: Readonly<Record<string, readonly string[]>> = {
  'packages/register/src/verification': ['packages/register/src/docket', 'node:crypto'],
  // The module `node:module` loads the optional engine of signatures.
  'packages/register/src/docket': [
    'node:buffer',
    'node:crypto',
    'node:module',
    '@scure/base',
    'canonicalize',
    'lru-cache',
  ],
  'packages/storage/src/ports': ['packages/storage/src'],
  'packages/storage/src/filter': ['packages/storage/src'],
};

/** Rooms that may not import each other: what serves both has a room beside them. */
const APART: readonly (readonly [string, string])[] = [
  ['packages/storage-sql/src/sqlite', 'packages/storage-sql/src/postgres'],
  ['packages/storage-sql/src/postgres', 'packages/storage-sql/src/sqlite'],
  ...['schema', 'rows', 'transactions', 'worm'].flatMap((room) =>
    ['sqlite', 'postgres'].map(
      (database) => [`packages/storage-sql/src/${room}`, `packages/storage-sql/src/${database}`] as const,
    ),
  ),
];

const files = listSourceFiles();
const packageOf = (specifier: string) => specifier.split('/', specifier.startsWith('@') ? 2 : 1).join('/');
const resolveRelative = (path: string, specifier: string) => posix.join(dirname(path), specifier);
const isInside = (path: string, folder: string) => path === folder || path.startsWith(`${folder}/`);

describe('import rules', () => {
  it('names every workspace', () => {
    expect(Object.keys(MAY_IMPORT).sort()).toEqual(listWorkspaces().sort());
  });

  it('lets each workspace import only the packages it stands on', () => {
    const offences = files.flatMap((file) =>
      file.workspace === undefined
        ? []
        : file.imports
            .filter((specifier) => specifier.startsWith('@sorcha/'))
            .filter((specifier) => !MAY_IMPORT[file.workspace ?? '']?.includes(packageOf(specifier)))
            .filter((specifier) => !(file.isTest && specifier === TEST_SERVERS))
            .map((specifier) => `${file.path}: ${specifier}`),
    );
    expect(offences).toEqual([]);
  });

  it('keeps each database client in its one package', () => {
    const offences = files
      .filter(({ path }) => !isInside(path, 'tests') && !isInside(path, 'bench'))
      .flatMap((file) =>
        file.imports
          .filter((specifier) => {
            const home = CLIENT_HOME[specifier] ?? CLIENT_HOME[packageOf(specifier)];
            return home !== undefined && home !== file.workspace;
          })
          .map((specifier) => `${file.path}: ${specifier}`),
      );
    expect(offences).toEqual([]);
  });

  it('keeps the closed rooms closed', () => {
    const offences = Object.entries(CLOSED_ROOMS).flatMap(([room, allowed]) =>
      files
        .filter((file) => isInside(file.path, room) && !file.isTest)
        .flatMap((file) =>
          file.imports
            .map((specifier) => (specifier.startsWith('.') ? resolveRelative(file.path, specifier) : specifier))
            .filter((target) => !isInside(target, room) && !allowed.some((folder) => isInside(target, folder)))
            .map((target) => `${file.path}: ${target}`),
        ),
    );
    expect(offences).toEqual([]);
  });

  it('keeps apart what is apart', () => {
    const offences = APART.flatMap(([room, other]) =>
      files
        .filter((file) => isInside(file.path, room) && !file.isTest)
        .flatMap((file) =>
          file.imports
            .filter((specifier) => specifier.startsWith('.') && isInside(resolveRelative(file.path, specifier), other))
            .map((specifier) => `${file.path}: ${specifier}`),
        ),
    );
    expect(offences).toEqual([]);
  });

  it('imports other packages only through their declared exports, and never by path', () => {
    const exported = new Set(
      listWorkspaces().flatMap((folder) => {
        const { name, exports } = readManifest(folder);
        return Object.keys(exports).map((subpath) => posix.join(name, subpath));
      }),
    );
    const offences = files.flatMap((file) =>
      file.imports
        .filter((specifier) =>
          specifier.startsWith('.')
            ? file.workspace !== undefined && !isInside(resolveRelative(file.path, specifier), file.workspace)
            : specifier.startsWith('@sorcha/') && !exported.has(specifier),
        )
        .map((specifier) => `${file.path}: ${specifier}`),
    );
    expect(offences).toEqual([]);
  });

  it('declares every outside package where it is used', () => {
    const shared = readManifest('').devDependencies;
    const offences = files.flatMap((file) => {
      const home = isInside(file.path, 'bench') ? 'bench' : file.workspace;
      const own = home === undefined ? {} : readManifest(home).dependencies;
      return file.imports
        .filter((specifier) => !specifier.startsWith('.') && !isBuiltin(specifier))
        .filter((specifier) => !(packageOf(specifier) in own))
        .filter((specifier) => !(packageOf(specifier) in shared && (file.isTest || file.workspace === undefined)))
        .filter((specifier) => !(file.workspace === undefined && specifier.startsWith('@sorcha/')))
        .map((specifier) => `${file.path}: ${specifier}`);
    });
    expect(offences).toEqual([]);
  });

  it('keeps test code out of what runs in production', () => {
    const testRooms = /\/(testing|conformance)(\/|$)/;
    const offences = files
      .filter((file) => file.workspace?.startsWith('packages/') && !file.isTest && !testRooms.test(file.path))
      .flatMap((file) =>
        file.imports
          .filter((specifier) => testRooms.test(specifier) || specifier === 'vitest' || specifier === 'fast-check')
          .map((specifier) => `${file.path}: ${specifier}`),
      );
    expect(offences).toEqual([]);
  });
});

describe('dependencies', () => {
  it('are pinned to exact versions', () => {
    const offences = ['', ...listWorkspaces()].flatMap((folder) => {
      const { dependencies, devDependencies } = readManifest(folder);
      return Object.entries({ ...dependencies, ...devDependencies })
        .filter(([, version]) => !/^\d+\.\d+\.\d+$/.test(version))
        .map(([name, version]) => `${folder || '(root)'}: ${name}@${version}`);
    });
    expect(offences).toEqual([]);
  });
});
