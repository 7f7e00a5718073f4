import { StorageError } from '@sorcha/storage';
import { checkWholeNumber } from '@sorcha/storage/provider';
import type { ClientConfig } from 'pg';
import { checkSchemaName } from '../schema/schema-names.ts';
import { parsePostgresUrl } from './parse-postgres-url.ts';
import { postgresTypes } from './postgres-types.ts';

/** How connections are encrypted: `true` checks the server's certificate; an object says with which authority. */
export type PostgresEncryption = boolean | { readonly ca?: string; readonly rejectUnauthorized?: boolean };

/** How many connections a store keeps and how long it waits for one. */
export interface PostgresPoolOptions {
  /** The most connections, from 1. Default 10. */
  readonly max?: number;
  /** An unused connection is closed after so many milliseconds. Default 30,000. */
  readonly idleTimeoutMs?: number;
  /** How long a call waits for a connection while all are in use, in milliseconds; then it fails with `TIMEOUT`. Default 10,000. */
  readonly acquireTimeoutMs?: number;
  /** How long connecting may take, in milliseconds; then a call fails with `UNAVAILABLE`. Default 10,000. */
  readonly connectTimeoutMs?: number;
}

/** Where a PostgreSQL database is and how to use it. Nothing is read from the environment. */
export interface PostgresOptions {
  /** `postgres://user:password@host:port/database`, with `?sslmode=disable|require|verify-full|no-verify`; or the parts below. */
  readonly url?: string;
  /** A host name, an address or the folder of a Unix socket. Default `localhost`. */
  readonly host?: string;
  /** Default 5432. */
  readonly port?: number;
  /** Default: the name of the user. */
  readonly database?: string;
  readonly user?: string;
  readonly password?: string;
  /** Default: not encrypted. */
  readonly ssl?: PostgresEncryption;
  /** The schema of the tables: 1 to 40 characters of `a-z 0-9 _`, starting with a letter. Default `sorcha`. */
  readonly schema?: string;
  readonly pool?: PostgresPoolOptions;
  /** How long one statement may run, in milliseconds; then it fails with `TIMEOUT`. Default 30,000. */
  readonly statementTimeoutMs?: number;
  /** What the server shows the connections as. Default `sorcha`. */
  readonly applicationName?: string;
}

/** Options that were checked, and what the driver is given. */
export interface CheckedPostgresOptions {
  /** Names the database in messages, without any secret. */
  readonly place: string;
  readonly schema: string;
  readonly client: ClientConfig;
  readonly max: number;
  readonly idleTimeoutMs: number;
  readonly acquireTimeoutMs: number;
  readonly statementTimeoutMs: number;
}

/** Checks options. `INVALID` names the one that is wrong. */
export function checkPostgresOptions(options: PostgresOptions): CheckedPostgresOptions {
  const { statementTimeoutMs = 30_000, applicationName = 'sorcha', schema = 'sorcha', pool = {} } = options;
  const { max = 10, idleTimeoutMs = 30_000, acquireTimeoutMs = 10_000, connectTimeoutMs = 10_000 } = pool;
  const longestMs = 2 ** 31 - 1;
  checkWholeNumber(max, 'pool.max', { min: 1, max: 1_000 });
  checkWholeNumber(idleTimeoutMs, 'pool.idleTimeoutMs', { min: 1, max: longestMs });
  checkWholeNumber(acquireTimeoutMs, 'pool.acquireTimeoutMs', { min: 1, max: longestMs });
  checkWholeNumber(connectTimeoutMs, 'pool.connectTimeoutMs', { min: 1, max: longestMs });
  checkWholeNumber(statementTimeoutMs, 'statementTimeoutMs', { min: 1, max: 86_400_000 });
  const { host, port, database, user, password, ssl } = readTarget(options);
  return {
    place: host.startsWith('/') ? `${database} in ${host}` : `${database} at ${host}:${port}`,
    schema: checkSchemaName(schema),
    client: {
      host,
      port,
      database,
      user,
      // A function, because the driver takes an empty password for none and looks for one in the environment.
      password: () => password,
      ssl,
      application_name: applicationName,
      client_encoding: 'UTF8',
      connectionTimeoutMillis: connectTimeoutMs,
      keepAlive: true,
      types: postgresTypes,
    },
    max,
    idleTimeoutMs,
    acquireTimeoutMs,
    statementTimeoutMs,
  };
}

function readTarget(options: PostgresOptions) {
  const { url, ...parts } = options;
  const named = (['host', 'port', 'database', 'user', 'password', 'ssl'] as const).filter(
    (name) => parts[name] !== undefined,
  );
  if (url !== undefined && named.length > 0) {
    throw new StorageError('INVALID', `A PostgreSQL url and ${named.join(', ')} are given; give the one or the other.`);
  }
  const {
    host = 'localhost',
    port = 5_432,
    user,
    database = user,
    password = '',
    ssl = false,
  } = url === undefined ? parts : parsePostgresUrl(url);
  checkWholeNumber(port, 'port', { min: 1, max: 65_535 });
  if (user === undefined || user === '' || database === undefined || database === '' || host === '') {
    throw new StorageError('INVALID', 'A PostgreSQL database needs a host, a user and a database; name them.');
  }
  return { host, port, database, user, password, ssl: typeof ssl === 'boolean' ? ssl : { ...ssl } };
}
