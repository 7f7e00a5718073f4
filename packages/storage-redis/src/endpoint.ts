import { isIPv6 } from 'node:net';
import { StorageError } from '@sorcha/storage';

const DEFAULT_PORT = 6379;

/** What proves the identity of the server, and ours, over TLS. Certificates and keys are PEM. */
export interface RedisTls {
  /** Authorities that may have signed the server's certificate. Default: those that Node knows. */
  readonly ca?: string;
  readonly cert?: string;
  readonly key?: string;
  /** The name that the certificate must have when it differs from the host. */
  readonly servername?: string;
}

/** One server and how to sign in. */
export interface Endpoint {
  readonly host: string;
  readonly port: number;
  readonly username: string | undefined;
  readonly password: string | undefined;
  readonly database: number;
  readonly tls: RedisTls | undefined;
}

/** `host:port`, for messages and maps. */
export function addressOf({ host, port }: { readonly host: string; readonly port: number }): string {
  return `${isIPv6(host) ? `[${host}]` : host}:${port}`;
}

/**
 * Reads `redis://[user[:password]@]host[:port][/database]` (`rediss://` for TLS). `INVALID` names `setting`; the text itself,
 * which can hold a password, is in no message and no cause.
 */
export function parseEndpoint(url: string, setting: string): Endpoint {
  const refuse = (problem: string) => new StorageError('INVALID', `${setting} ${problem}.`);
  const parsed = typeof url === 'string' ? URL.parse(url) : null;
  if (parsed === null) {
    throw refuse('is no URL; write redis://host:port');
  }
  const { protocol, hostname, port, pathname, search, hash } = parsed;
  if (protocol !== 'redis:' && protocol !== 'rediss:') {
    throw refuse('has another scheme; write redis://host:port, or rediss://host:port for TLS');
  }
  if (hostname === '' || search !== '' || hash !== '') {
    throw refuse('must name a host and nothing after the database; write redis://host:port/database');
  }
  const database = /^\/?(\d{0,5})$/.exec(pathname)?.[1];
  if (database === undefined) {
    throw refuse('must end with the number of a database or nothing; write redis://host:port/0');
  }
  return {
    host: hostname.replace(/^\[(.*)\]$/, '$1'),
    port: port === '' ? DEFAULT_PORT : Number(port),
    username: decode(parsed.username, refuse),
    password: decode(parsed.password, refuse),
    database: Number(database),
    tls: protocol === 'rediss:' ? {} : undefined,
  };
}

function decode(text: string, refuse: (problem: string) => StorageError): string | undefined {
  try {
    return text === '' ? undefined : decodeURIComponent(text);
  } catch {
    throw refuse('has a percent sign in its user or password that stands for nothing; write it as %25');
  }
}
