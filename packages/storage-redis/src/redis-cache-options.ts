import { DEFAULT_TTL_MS, StorageError } from '@sorcha/storage';
import { checkTtlMs, checkWholeNumber } from '@sorcha/storage/provider';
import { type Endpoint, parseEndpoint, type RedisTls } from './endpoint.ts';
import { createKeySpace, type KeySpace } from './key-space.ts';
import type { ValueBounds } from './values/encode-value.ts';

/** Options of `openRedisCacheStore`. */
export interface RedisCacheOptions {
  /** One server: `redis://[user[:password]@]host[:port][/database]`, or `rediss://` for TLS. Either this or `nodes`. */
  readonly url?: string;
  /** Some servers of a Redis Cluster, each as `url` without a database; the others are found. */
  readonly nodes?: readonly string[];
  /** Signs in instead of the user and password of the URLs. */
  readonly username?: string;
  readonly password?: string;
  /** What proves identities over TLS; asks for TLS also where the URL does not. */
  readonly tls?: RedisTls;
  /** Divides the keys of one server between caches; caches with different prefixes never see each other. Default `sorcha`. */
  readonly prefix?: string;
  /** Time to live of entries written without one, in milliseconds. Default `DEFAULT_TTL_MS`. */
  readonly ttlMs?: number;
  /**
   * How long one command waits for Redis, in milliseconds: 10 to 60,000, default 500. Most calls are one command; `getOrSet` makes up
   * to three, and after Redis forgot a script that one is sent twice.
   */
  readonly deadlineMs?: number;
  /** How long `removeByPattern`, which asks Redis many times, may take as a whole, in milliseconds. Default 30,000. */
  readonly sweepDeadlineMs?: number;
  /** How long opening may take, in milliseconds; a server that is loading its data is waited for. Default 10,000. */
  readonly startTimeoutMs?: number;
  /** Values whose JSON has more characters than this are kept compressed. Default 4,096. */
  readonly compressAboveBytes?: number;
  /** The largest value, in bytes of JSON; also what a compressed one may grow to when it is read. Default 16,777,216. */
  readonly maxValueBytes?: number;
}

/** The options, checked and complete. */
export interface RedisCacheSettings extends ValueBounds {
  readonly endpoints: readonly [Endpoint, ...Endpoint[]];
  readonly isCluster: boolean;
  readonly keySpace: KeySpace;
  readonly ttlMs: number;
  readonly deadlineMs: number;
  readonly sweepDeadlineMs: number;
  readonly startTimeoutMs: number;
}

const MAX_DEADLINE_MS = 60_000;
const MAX_TIMEOUT_MS = 600_000;
/** Redis keeps at most this in one key. */
const MAX_BYTES = 512 * 1024 * 1024 - 1;

/** Checks the options. `INVALID` names the first that is wrong and repeats no secret. */
export function checkOptions(options: RedisCacheOptions): RedisCacheSettings {
  const { prefix = 'sorcha', ttlMs = DEFAULT_TTL_MS } = options;
  const { deadlineMs = 500, sweepDeadlineMs = 30_000, startTimeoutMs = 10_000 } = options;
  const { compressAboveBytes = 4_096, maxValueBytes = 16 * 1024 * 1024 } = options;
  return {
    endpoints: toEndpoints(options),
    isCluster: options.nodes !== undefined,
    keySpace: createKeySpace(prefix),
    ttlMs: checkTtlMs(ttlMs),
    deadlineMs: checkWholeNumber(deadlineMs, 'deadlineMs', { min: 10, max: MAX_DEADLINE_MS }),
    sweepDeadlineMs: checkWholeNumber(sweepDeadlineMs, 'sweepDeadlineMs', { min: 10, max: MAX_TIMEOUT_MS }),
    startTimeoutMs: checkWholeNumber(startTimeoutMs, 'startTimeoutMs', { min: 10, max: MAX_TIMEOUT_MS }),
    compressAboveBytes: checkWholeNumber(compressAboveBytes, 'compressAboveBytes', { min: 0 }),
    maxValueBytes: checkWholeNumber(maxValueBytes, 'maxValueBytes', { min: 1, max: MAX_BYTES }),
  };
}

function toEndpoints({ url, nodes, ...signIn }: RedisCacheOptions): RedisCacheSettings['endpoints'] {
  if ((url === undefined) === (nodes === undefined)) {
    throw new StorageError('INVALID', 'Give either url (one server) or nodes (some servers of a cluster).');
  }
  if ((signIn.tls?.cert === undefined) !== (signIn.tls?.key === undefined)) {
    throw new StorageError('INVALID', 'tls.cert and tls.key belong together: set both, or neither.');
  }
  const parsed =
    nodes === undefined
      ? [parseEndpoint(url ?? '', 'url')]
      : nodes.map((node, index) => parseEndpoint(node, `nodes[${index}]`));
  const [first, ...rest] = parsed.map((endpoint) => ({
    ...endpoint,
    username: signIn.username ?? endpoint.username,
    password: signIn.password ?? endpoint.password,
    tls: signIn.tls === undefined ? endpoint.tls : { ...endpoint.tls, ...signIn.tls },
  }));
  if (first === undefined) {
    throw new StorageError('INVALID', 'nodes is empty; name some servers of the cluster.');
  }
  if (nodes !== undefined && parsed.some(({ database }) => database !== 0)) {
    throw new StorageError('INVALID', 'nodes must not name a database: a cluster has only one.');
  }
  return [first, ...rest];
}
