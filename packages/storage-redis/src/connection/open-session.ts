import { setTimeout as sleep } from 'node:timers/promises';
import { RESP_TYPES, type RedisArgument, RedisClient } from 'redis';
import { addressOf, type Endpoint } from '../endpoint.ts';
import { type Greeting, parseGreeting } from './greeting.ts';
import { InvalidationReceiver } from './invalidation-receiver.ts';
import { NoGreetingError, toConnectError } from './to-connect-error.ts';
import { readReplyCode } from './to-storage-error.ts';

/** How many commands may wait for a connection; further ones fail at once. */
const MAX_WAITING = 100_000;

/** A command in its parts, the name first. */
export type Command = readonly RedisArgument[];

/** One connection from its greeting to its loss. */
export interface Session {
  readonly greeting: Greeting;
  /** How the server names this connection, if it tells. */
  readonly identity: Identity | undefined;
  /** Settles with the reason when the connection is lost; never fails. */
  readonly lost: Promise<unknown>;
  /** Sends a command; bulk strings of the reply are buffers. */
  send(command: Command): Promise<unknown>;
  /** Ends it at once; what waits for replies fails. */
  destroy(): void;
}

/** Names a connection among all that a server has or had. */
export interface Identity {
  readonly id: string;
  /** Our address as the server sees it. Another server has another connection under that id. */
  readonly address: string;
}

/** What {@link openSession} needs. */
export interface SessionOptions {
  readonly endpoint: Endpoint;
  /** The time that connecting, greeting and fencing may take together, in milliseconds. */
  readonly timeoutMs: number;
  /** Connections of ours that were lost: the server, or a proxy before it, may still have something to read from them. */
  readonly abandoned?: readonly (Identity | undefined)[];
  /** How long a server may go on with what it read from them when it cannot be told to stop, in milliseconds. */
  readonly settleMs: number;
  /** Is told the keys that the server reports as changed; `undefined` for all. */
  readonly onChange: (storedKey: string | undefined) => void;
}

/**
 * Connects once: no retries, no waiting queue. What was sent on `abandoned` connections has taken effect or never will when
 * this returns. Errors as `toConnectError`.
 */
export async function openSession(options: SessionOptions): Promise<Session> {
  const { endpoint, timeoutMs } = options;
  const client = createPlainClient(options);
  const { promise: lost, resolve: lose } = Promise.withResolvers<unknown>();
  client.on('error', lose);
  const send = (command: Command): Promise<unknown> => client.sendCommand(command);
  const timer = setTimeout(() => lose(new NoGreetingError(`nothing within ${timeoutMs} ms`)), timeoutMs);
  const greet = async (): Promise<Session> => {
    await client.connect();
    const greeting = parseGreeting(await send(['HELLO']), addressOf(endpoint));
    const identity = parseIdentity(await send(['CLIENT', 'INFO']).catch(() => undefined));
    await fence(send, options.abandoned, options.settleMs);
    return { greeting, identity, lost, send, destroy: () => client.destroy() };
  };
  const greeted = greet();
  try {
    return await Promise.race([
      greeted,
      lost.then((reason) => Promise.reject(toConnectError(reason, addressOf(endpoint)))),
    ]);
  } catch (error) {
    client.destroy();
    // A client that was destroyed while its socket was connecting can still come to life.
    greeted.then((session) => session.destroy()).catch(() => undefined);
    throw toConnectError(error, addressOf(endpoint));
  } finally {
    clearTimeout(timer);
  }
}

/** Makes clients of one class; `createClient` would build a class of 400 methods for each connection (tens of milliseconds). */
const createClient = RedisClient.factory({ RESP: 3 });

function createPlainClient({ endpoint, timeoutMs, onChange }: SessionOptions) {
  const { host, port, tls, username, password, database } = endpoint;
  const socket = { host, port, connectTimeout: timeoutMs, reconnectStrategy: false } as const;
  return createClient({
    socket: tls === undefined ? socket : { ...socket, ...tls, tls: true },
    ...(username === undefined ? {} : { username }),
    ...(password === undefined ? {} : { password }),
    database,
    disableOfflineQueue: true,
    commandsQueueMaxLength: MAX_WAITING,
    // The client's own timeout costs a timer for every call and ends before a command is sent.
    commandOptions: { timeout: 0, typeMapping: { [RESP_TYPES.BLOB_STRING]: Buffer } },
    maintNotifications: 'disabled',
    clientSideCache: new InvalidationReceiver(onChange),
  });
}

/**
 * Makes sure that nothing that was sent on connections which we lost takes effect from now on: it would overwrite what comes
 * after it. A server that was frozen reads on where it stood, also from connections that are long closed at our end; and when
 * it was a proxy that hung up, what we sent to it may still be on its way.
 */
async function fence(send: Session['send'], abandoned: SessionOptions['abandoned'] = [], settleMs = 0): Promise<void> {
  const kill = async (identity: Identity | undefined): Promise<boolean> => {
    if (identity === undefined) {
      return false;
    }
    try {
      await send(['CLIENT', 'KILL', 'ID', identity.id, 'ADDR', identity.address]);
      return true;
    } catch (error) {
      if (readReplyCode(error) === 'NOPERM') {
        return false;
      }
      throw error;
    }
  };
  const killed = await Promise.all(abandoned.map(kill));
  if (killed.includes(false)) {
    await sleep(settleMs);
  }
}

function parseIdentity(reply: unknown): Identity | undefined {
  const text = reply instanceof Buffer || typeof reply === 'string' ? reply.toString() : '';
  const id = /(?:^| )id=(\d+)/.exec(text)?.[1];
  const address = /(?:^| )addr=(\S+)/.exec(text)?.[1];
  return id === undefined || address === undefined ? undefined : { id, address };
}
