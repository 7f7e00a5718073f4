import { StorageError } from '@sorcha/storage';

/** What a url says; what it leaves out is left out. */
export interface PostgresTarget {
  readonly host?: string;
  readonly port?: number;
  readonly database?: string;
  readonly user?: string;
  readonly password?: string;
  readonly ssl?: boolean | { readonly rejectUnauthorized: boolean };
}

/** What `sslmode` means here. Unlike in libpq, whoever asks for encryption also gets a server whose certificate is checked. */
const encryptions: ReadonlyMap<string, Exclude<PostgresTarget['ssl'], undefined>> = new Map<
  string,
  Exclude<PostgresTarget['ssl'], undefined>
>([
  ['disable', false],
  ['require', true],
  ['verify-full', true],
  ['no-verify', { rejectUnauthorized: false }],
]);

/** Divides a url. `INVALID` never repeats it, because it may hold a password. */
export function parsePostgresUrl(text: string): PostgresTarget {
  // A socket's folder cannot be a host in a url: `postgres://user@/database?host=/run/postgresql`.
  const url = URL.parse(text) ?? URL.parse(text.replace('@/', '@localhost/'));
  if (url === null || (url.protocol !== 'postgres:' && url.protocol !== 'postgresql:')) {
    throw invalid('it must look like postgres://user:password@host:5432/database');
  }
  const unknown = [...url.searchParams.keys()].find((name) => name !== 'sslmode' && name !== 'host');
  if (unknown !== undefined) {
    throw invalid(`it has the parameter "${unknown}"; only sslmode and host are known, other settings are options`);
  }
  const mode = url.searchParams.get('sslmode') ?? 'disable';
  const ssl = encryptions.get(mode);
  if (ssl === undefined) {
    throw invalid(`sslmode "${mode}" is unknown; use ${[...encryptions.keys()].join(', ')}`);
  }
  return {
    host: url.searchParams.get('host') ?? decode(url.hostname).replace(/^\[(.*)\]$/u, '$1'),
    ...(url.port === '' ? {} : { port: Number(url.port) }),
    ...(url.pathname.length > 1 ? { database: decode(url.pathname.slice(1)) } : {}),
    ...(url.username === '' ? {} : { user: decode(url.username) }),
    password: decode(url.password),
    ssl,
  };
}

function decode(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    throw invalid('a "%" in it is not followed by two hex digits; write %25 for the character itself');
  }
}

function invalid(problem: string): StorageError {
  return new StorageError('INVALID', `The PostgreSQL url cannot be used: ${problem}.`);
}
