import { StorageError } from '@sorcha/storage';
import { checkWholeNumber } from '@sorcha/storage/provider';
import { MongoClient, type MongoClientOptions, MongoError } from 'mongodb';
import { parseMongoUrl } from './parse-mongo-url.ts';

/** How connections are encrypted: `true` checks the server's certificate; an object says with which authority. */
export type MongoEncryption = boolean | { readonly ca?: string; readonly rejectUnauthorized?: boolean };

/** Where a MongoDB database is and how to use it. Nothing is read from the environment. */
export interface MongoOptions {
  /**
   * `mongodb://host:port,host:port/database` or `mongodb+srv://host/database`, also with name and password; parameters: those
   * that say how to reach the server (`replicaSet`, `authSource`, `authMechanism`, `directConnection`, `tls...`).
   */
  readonly url: string;
  /** Default: the one that the url names. */
  readonly database?: string;
  /** Default: what the url says. */
  readonly username?: string;
  /** Default: what the url says. */
  readonly password?: string;
  /** Default: as the url says; without that not encrypted, but for `mongodb+srv`. */
  readonly tls?: MongoEncryption;
  readonly pool?: {
    /** The most connections to one server, from 1. Default 10. */
    readonly max?: number;
  };
  /**
   * How long a call looks for a server that takes writes, connects to it or waits for a free connection, in milliseconds; then
   * it fails with `UNAVAILABLE`. Default 10,000.
   */
  readonly connectTimeoutMs?: number;
  /** How long a whole call may take, in milliseconds; then it fails with `TIMEOUT` or `OUTCOME_UNKNOWN`. Default 30,000. */
  readonly timeoutMs?: number;
  /** What the server shows the connections as. Default `sorcha`. */
  readonly applicationName?: string;
}

/** Options that were checked. */
export interface CheckedMongoOptions {
  /** Names the database in messages, without any secret. */
  readonly place: string;
  readonly database: string;
  readonly timeoutMs: number;
  /** A client that is not connected yet. */
  readonly client: MongoClient;
}

const LONGEST_MS = 86_400_000;

/** The names that MongoDB allows on every system, of its own databases none. */
const DATABASE = /^(?!(?:admin|local|config)$)[A-Za-z0-9_-]{1,63}$/u;

/** Checks options. `INVALID` names the one that is wrong and repeats no secret. */
export function checkMongoOptions(options: MongoOptions): CheckedMongoOptions {
  const { connectTimeoutMs = 10_000, timeoutMs = 30_000, applicationName = 'sorcha', pool = {} } = options;
  const { max = 10 } = pool;
  checkWholeNumber(max, 'pool.max', { min: 1, max: 1_000 });
  checkWholeNumber(connectTimeoutMs, 'connectTimeoutMs', { min: 1, max: LONGEST_MS });
  checkWholeNumber(timeoutMs, 'timeoutMs', { min: 1, max: LONGEST_MS });
  const target = parseMongoUrl(options.url);
  const { database = target.database, username = target.username, password = target.password ?? '' } = options;
  if (database === undefined || !DATABASE.test(database)) {
    const rule = 'name one with 1 to 63 of A-Z a-z 0-9 _ -, other than admin, local and config';
    throw new StorageError('INVALID', `A MongoDB store needs a database: ${rule}.`);
  }
  if (username === '') {
    throw new StorageError('INVALID', 'username is empty; leave it out to connect without one.');
  }
  const client = createClient(target.url, {
    ...(username === undefined ? {} : { auth: { username, password } }),
    ...toTlsOptions(options.tls),
    appName: applicationName,
    maxPoolSize: max,
    minPoolSize: 0,
    connectTimeoutMS: connectTimeoutMs,
    serverSelectionTimeoutMS: connectTimeoutMs,
    waitQueueTimeoutMS: connectTimeoutMs,
    // Ends also what no signal reaches, as the end of a transaction.
    socketTimeoutMS: timeoutMs,
    ...GUARANTEES,
  });
  return { place: `${database} at ${target.hosts}`, database, timeoutMs, client };
}

/** What the ports promise, and how values are read: never what a url or a later version of the driver says. */
const GUARANTEES: MongoClientOptions = {
  writeConcern: { w: 'majority', journal: true },
  readConcern: { level: 'majority' },
  readPreference: 'primary',
  retryReads: true,
  retryWrites: true,
  promoteValues: true,
  promoteLongs: true,
  promoteBuffers: false,
  serializeFunctions: false,
  ignoreUndefined: false,
  monitorCommands: false,
};

function toTlsOptions(tls: MongoEncryption | undefined): MongoClientOptions {
  if (tls === undefined || typeof tls === 'boolean') {
    return tls === undefined ? {} : { tls };
  }
  const { ca, rejectUnauthorized } = tls;
  return {
    tls: true,
    ...(ca === undefined ? {} : { ca }),
    ...(rejectUnauthorized === undefined ? {} : { rejectUnauthorized }),
  };
}

function createClient(url: string, options: MongoClientOptions): MongoClient {
  try {
    return new MongoClient(url, options);
  } catch (cause) {
    // The driver was given the url without name and password, so its message holds none.
    if (cause instanceof MongoError || cause instanceof TypeError) {
      throw new StorageError('INVALID', `The MongoDB options cannot be used: ${cause.message}.`, { cause });
    }
    throw cause;
  }
}
