import { StorageError } from '@sorcha/storage';

/** What a url says; what it leaves out is left out. */
export interface MongoTarget {
  /** For the driver: without name and password, and with the parameters that it knows. */
  readonly url: string;
  /** The hosts, for messages. */
  readonly hosts: string;
  readonly database: string | undefined;
  readonly username: string | undefined;
  readonly password: string | undefined;
}

/** Parameters that say how to reach the server; everything else is an option of the store or must not be changed. */
const PARAMETERS: ReadonlySet<string> = new Set([
  'appName',
  'authMechanism',
  'authSource',
  'directConnection',
  'replicaSet',
  'srvMaxHosts',
  'srvServiceName',
  'ssl',
  'tls',
  'tlsAllowInvalidCertificates',
  'tlsAllowInvalidHostnames',
  'tlsCAFile',
  'tlsCertificateKeyFile',
]);

/** Parameters that hosted servers put into their urls, with the one value that says what the stores do anyway. */
const FIXED: ReadonlyMap<string, string> = new Map([
  ['journal', 'true'],
  ['readConcernLevel', 'majority'],
  ['readPreference', 'primary'],
  ['retryReads', 'true'],
  ['retryWrites', 'true'],
  ['w', 'majority'],
]);

const FORM = /^(mongodb(?:\+srv)?):\/\/(?:([^@/?]*)@)?([^@/?]+)(?:\/([^/?]*))?(?:\?(.*))?$/u;

/** Divides a url, which may name several hosts. `INVALID` never repeats it, because it may hold a password. */
export function parseMongoUrl(text: string): MongoTarget {
  const [, scheme = '', login, hosts = '', path = '', query = ''] = FORM.exec(text) ?? [];
  if (hosts === '') {
    throw invalid(
      'it must look like mongodb://user:password@host:27017/database, with "@/:?" in a password as %40%2F%3A%3F',
    );
  }
  const parameters = new URLSearchParams(query);
  for (const [name, value] of parameters) {
    const fixed = FIXED.get(name);
    if (fixed === undefined && !PARAMETERS.has(name)) {
      const known = [...PARAMETERS].join(', ');
      throw invalid(`it has the parameter "${name}"; only ${known} are known, other settings are options`);
    }
    if (fixed !== undefined && fixed !== value) {
      throw invalid(`${name} can only be "${fixed}": the stores promise durable writes and current reads`);
    }
  }
  for (const name of FIXED.keys()) {
    parameters.delete(name);
  }
  const [username, password] = splitLogin(login);
  return {
    // The path stays, because the driver takes it for the database that knows the user.
    url: `${scheme}://${hosts}/${path}${parameters.size === 0 ? '' : `?${parameters.toString()}`}`,
    hosts: decode(hosts),
    database: path === '' ? undefined : decode(path),
    username,
    password,
  };
}

function splitLogin(login: string | undefined): readonly [username: string | undefined, password: string | undefined] {
  if (login === undefined || login === '') {
    return [undefined, undefined];
  }
  const [, username = '', password] = /^([^:]*)(?::(.*))?$/u.exec(login) ?? [];
  return [decode(username), password === undefined ? undefined : decode(password)];
}

function decode(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    throw invalid('a "%" in it is not followed by two hex digits; write %25 for the character itself');
  }
}

function invalid(problem: string): StorageError {
  return new StorageError('INVALID', `The MongoDB url cannot be used: ${problem}.`);
}
