import type { Privilege } from './privilege.ts';

const READ = [
  'find',
  'listIndexes',
  'listCollections',
  'collStats',
  'dbStats',
  'dbHash',
  'changeStream',
  'killCursors',
];
const READ_WRITE = [
  ...READ,
  'insert',
  'update',
  'remove',
  'createCollection',
  'dropCollection',
  'createIndex',
  'dropIndex',
  'convertToCapped',
  'renameCollectionSameDB',
];
const ADMINISTER = [
  'collStats',
  'dbStats',
  'listCollections',
  'listIndexes',
  'createCollection',
  'dropCollection',
  'collMod',
  'createIndex',
  'dropIndex',
  'dropDatabase',
  'renameCollectionSameDB',
  'validate',
  'bypassDocumentValidation',
];
const ADMINISTER_USERS = [
  'createUser',
  'dropUser',
  'changePassword',
  'changeCustomData',
  'viewUser',
  'createRole',
  'dropRole',
  'grantRole',
  'revokeRole',
  'viewRole',
];
const MONITOR = [
  'serverStatus',
  'replSetGetStatus',
  'listDatabases',
  'hostInfo',
  'getParameter',
  'getCmdLineOpts',
  'inprog',
];

/** The roles that every database has, with what they allow there. */
const ON_DATABASE: ReadonlyMap<string, readonly string[]> = new Map([
  ['read', READ],
  ['readWrite', READ_WRITE],
  ['dbAdmin', ADMINISTER],
  ['userAdmin', ADMINISTER_USERS],
  ['dbOwner', [...READ_WRITE, ...ADMINISTER, ...ADMINISTER_USERS]],
]);

/** Roles of the database `admin`, for all databases. */
const ON_ALL: ReadonlyMap<string, readonly string[]> = new Map([
  ['readAnyDatabase', READ],
  ['readWriteAnyDatabase', READ_WRITE],
  ['dbAdminAnyDatabase', ADMINISTER],
  ['userAdminAnyDatabase', ADMINISTER_USERS],
]);

/** What a role of MongoDB's own allows; `undefined` when there is none of that name. */
export function builtInPrivileges(role: string, database: string): readonly Privilege[] | undefined {
  const onDatabase = ON_DATABASE.get(role);
  if (onDatabase !== undefined) {
    return [{ resource: { db: database, collection: '' }, actions: onDatabase }];
  }
  if (database !== 'admin') {
    return undefined;
  }
  const onAll = ON_ALL.get(role);
  if (onAll !== undefined) {
    return [
      { resource: { db: '', collection: '' }, actions: onAll },
      { resource: { cluster: true }, actions: ['listDatabases'] },
    ];
  }
  if (role === 'clusterMonitor') {
    return [{ resource: { cluster: true }, actions: MONITOR }];
  }
  return role === 'root' ? [{ resource: { anyResource: true }, actions: ['anyAction'] }] : undefined;
}
