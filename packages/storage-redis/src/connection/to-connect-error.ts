import { StorageError, type StorageErrorCode } from '@sorcha/storage';
import { ConnectionTimeoutError, ErrorReply, SocketClosedUnexpectedlyError } from 'redis';
import { readReplyCode } from './to-storage-error.ts';

interface Meaning {
  readonly code: StorageErrorCode;
  readonly advice: string;
}

const REPLIES: ReadonlyMap<string, Meaning> = new Map<string, Meaning>([
  ['WRONGPASS', { code: 'INVALID', advice: 'refuses the user or password; check username and password' }],
  ['NOAUTH', { code: 'INVALID', advice: 'asks for a password; set password (and username)' }],
  ['NOPERM', { code: 'INVALID', advice: 'does not let this user connect; look at its ACL' }],
  ['DENIED', { code: 'UNAVAILABLE', advice: 'runs in protected mode; give it a password or bind it to this host' }],
  ['LOADING', { code: 'UNAVAILABLE', advice: 'is still loading its data; try again' }],
  ['MASTERDOWN', { code: 'UNAVAILABLE', advice: 'is a replica that lost its master; connect to a master' }],
]);

const NO_DATABASE: Meaning = { code: 'INVALID', advice: 'has no such database; check the number at the end of url' };
const TOO_OLD: Meaning = { code: 'INCOMPATIBLE_SERVER', advice: 'does not know HELLO; Redis 6.2 or later is needed' };
const NO_REDIS: Meaning = {
  code: 'INCOMPATIBLE_SERVER',
  advice: 'answers, but not as Redis does; check host and port, and whether it expects TLS (rediss://)',
};
const NO_ANSWER: Meaning = {
  code: 'UNAVAILABLE',
  advice: 'does not greet in time; check that it runs, and whether the port expects TLS (rediss://) or not',
};
const HUNG_UP: Meaning = {
  code: 'UNAVAILABLE',
  advice: 'hangs up instead of greeting; check host and port, and whether it expects TLS (rediss://)',
};
const BAD_TLS: Meaning = {
  code: 'INVALID',
  advice: 'cannot be trusted or does not speak TLS; check tls, and whether the port expects TLS',
};
const UNREACHABLE: Meaning = { code: 'UNAVAILABLE', advice: 'cannot be reached; check host, port and that it runs' };

/** The error of a connection that could not be made; the original, which holds no password, is its cause. */
export function toConnectError(error: unknown, address: string): StorageError {
  if (error instanceof StorageError) {
    return error;
  }
  const { code, advice } = findMeaning(error);
  const detail = error instanceof Error ? ` (${error.message})` : '';
  return new StorageError(code, `Redis at ${address} ${advice}${detail}.`, { cause: error });
}

/** What ends the wait for a greeting that does not come. */
export class NoGreetingError extends Error {
  override readonly name = 'NoGreetingError';
}

function findMeaning(error: unknown): Meaning {
  if (error instanceof NoGreetingError || error instanceof ConnectionTimeoutError) {
    return NO_ANSWER;
  }
  if (error instanceof ErrorReply) {
    const known = REPLIES.get(readReplyCode(error) ?? '');
    if (known !== undefined) {
      return known;
    }
    if (/unknown command/i.test(error.message)) {
      return TOO_OLD;
    }
    return /DB index|SELECT/.test(error.message) ? NO_DATABASE : { code: 'UNAVAILABLE', advice: 'refuses to greet' };
  }
  const code = error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : '';
  if (/^ERR_(?:SSL|TLS|OSSL)|CERT|SIGNATURE|SELF_SIGNED/.test(code)) {
    return BAD_TLS;
  }
  if (error instanceof SocketClosedUnexpectedlyError || code === 'ECONNRESET') {
    return HUNG_UP;
  }
  // The decoder of the protocol names what it could not read.
  return error instanceof Error && error.message.startsWith('Unknown RESP type') ? NO_REDIS : UNREACHABLE;
}
