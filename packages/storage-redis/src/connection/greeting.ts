import { StorageError } from '@sorcha/storage';

/** The oldest version of Redis that has what the scripts and the protocol of this package need. */
export const MIN_VERSION = [6, 2] as const;

/** What a server says of itself (`HELLO`). */
export interface Greeting {
  /** `redis`, `valkey`, ... */
  readonly server: string;
  readonly version: string;
  readonly mode: 'standalone' | 'cluster' | 'sentinel';
  readonly role: 'master' | 'replica';
}

/** Reads the answer to `HELLO`; `INCOMPATIBLE_SERVER` when it is none or the server is too old. */
export function parseGreeting(reply: unknown, address: string): Greeting {
  const read = (name: string): string => {
    const value: unknown = typeof reply === 'object' && reply !== null ? Reflect.get(reply, name) : undefined;
    return typeof value === 'string' || value instanceof Buffer ? value.toString() : '';
  };
  const [server, version, mode, role] = [read('server'), read('version'), read('mode'), read('role')];
  if (server === '' || version === '' || !isMode(mode) || !isRole(role)) {
    throw new StorageError('INCOMPATIBLE_SERVER', `What answers at ${address} does not greet as Redis does.`);
  }
  const [major = 0, minor = 0] = version.split('.').map(Number);
  if (!(major > MIN_VERSION[0] || (major === MIN_VERSION[0] && minor >= MIN_VERSION[1]))) {
    throw new StorageError(
      'INCOMPATIBLE_SERVER',
      `The server at ${address} is ${server} ${version}; ${MIN_VERSION.join('.')} or later is needed.`,
    );
  }
  return { server, version, mode, role };
}

/** `INCOMPATIBLE_SERVER` when a server is of another kind than the configuration says. */
export function checkMode(greeting: Greeting, expected: 'standalone' | 'cluster', address: string): void {
  if (greeting.mode === expected) {
    return;
  }
  const advice = {
    standalone: 'is a single server; name it with url instead of nodes',
    cluster: 'belongs to a cluster; name some of its servers with nodes instead of url',
    sentinel: 'is a sentinel, which keeps no data; name the server that it watches',
  }[greeting.mode];
  throw new StorageError('INCOMPATIBLE_SERVER', `Redis at ${address} ${advice}.`);
}

/** What is wrong with a server that is to be written to: `UNAVAILABLE` when it is a replica. */
export function findRoleProblem(greeting: Greeting, address: string): StorageError | undefined {
  return greeting.role === 'master'
    ? undefined
    : new StorageError('UNAVAILABLE', `Redis at ${address} is a read-only replica; connect to its master.`);
}

function isMode(text: string): text is Greeting['mode'] {
  return text === 'standalone' || text === 'cluster' || text === 'sentinel';
}

function isRole(text: string): text is Greeting['role'] {
  return text === 'master' || text === 'replica';
}
