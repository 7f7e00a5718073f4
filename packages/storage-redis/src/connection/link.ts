import { setTimeout as sleep } from 'node:timers/promises';
import { StorageError } from '@sorcha/storage';
import { createDeadline, type Deadline, systemTimers } from '@sorcha/storage/provider';
import { ErrorReply } from 'redis';
import { addressOf, type Endpoint } from '../endpoint.ts';
import { backoffMs } from './backoff.ts';
import type { Greeting } from './greeting.ts';
import { type Command, type Identity, openSession, type Session } from './open-session.ts';
import { readReplyCode, toLateError, toStorageError } from './to-storage-error.ts';
import { waitForReply } from './wait-for-reply.ts';

/** How long a connection may be silent after a call expired on it before it is given up for another, in milliseconds. */
const REVIVE_MS = 2_000;
/** How long one attempt to connect may take, in milliseconds. */
export const CONNECT_TIMEOUT_MS = 2_000;

/** Replies of a server that is no master any more: its name may lead to another by now. */
const DEMOTED: ReadonlySet<string> = new Set(['READONLY', 'MASTERDOWN', 'NOAUTH']);

/** `stalled`: connected, but a call expired and nothing has been heard since. */
export type LinkStatus = 'starting' | 'up' | 'stalled' | 'down';

/** How a command is sent. */
export interface SendOptions {
  /** Whether it changes something, so that a lost reply leaves the outcome unknown. */
  readonly isWrite: boolean;
  readonly signal?: AbortSignal | undefined;
}

/** A lasting connection to one server, which is made anew in the background whenever it is lost. */
export interface Link {
  readonly host: string;
  /** `host:port`. */
  readonly address: string;
  readonly status: LinkStatus;
  /** What the server said of itself last. */
  readonly greeting: Greeting | undefined;
  /** How many times the connection was made anew. */
  readonly reconnects: number;
  /** Whether the server tells changes on this connection. */
  readonly isTracking: boolean;
  /**
   * Sends a command and waits for its reply until the deadline of the link. Fails at once while there is no connection, or
   * none that answers. Errors: `UNAVAILABLE`, `TIMEOUT` (a read), `OUTCOME_UNKNOWN` (a write that was sent).
   */
  send(command: Command, options: SendOptions): Promise<unknown>;
  /** Waits until it is up or the first attempt has failed. */
  started(): Promise<void>;
  /** Asks the server for changes of the keys with that start, on this connection and on those that follow. Repeatable. */
  track(keyStart: string): void;
  /** Asks the server for changes no more. */
  untrack(): void;
  /** Gives the connection up and makes another. */
  renew(reason: StorageError): void;
  /** Waits for replies under way, no longer than the deadline, and ends the connection. */
  close(): Promise<void>;
}

/** What {@link createLink} needs. */
export interface LinkOptions {
  readonly endpoint: Endpoint;
  readonly deadlineMs: number;
  /** Is told of every change of `status` and `isTracking`. */
  readonly onStatus: () => void;
  /** Is told the keys that the server reports as changed; `undefined` for all. */
  readonly onChange: (storedKey: string | undefined) => void;
  /** Says what is wrong with a server that greeted, if anything; then another attempt is made later. */
  readonly checkGreeting: (greeting: Greeting, address: string) => StorageError | undefined;
}

/** Creates a link; it connects in the background. A session that was opened already is its first one. */
export function createLink(options: LinkOptions, first?: Session): Link {
  return new LastingLink(options, first);
}

class LastingLink implements Link {
  readonly host: string;
  readonly address: string;
  readonly #options: LinkOptions;
  readonly #deadline: Deadline;
  #session: Session | undefined;
  #greeting: Greeting | undefined;
  /** How many replies came on the present session. */
  #replies = 0;
  #isStarting = true;
  #isStalled = false;
  #isClosed = false;
  #isTracking = false;
  #reconnects = 0;
  #tracked: string | undefined;
  /** The session on which the server was asked for changes. */
  #trackedOn: Session | undefined;
  #problem: StorageError | undefined;
  #abandoned: (Identity | undefined)[] = [];
  #revive: NodeJS.Timeout | undefined;
  readonly #started = Promise.withResolvers<void>();

  constructor(options: LinkOptions, first: Session | undefined) {
    this.host = options.endpoint.host;
    this.address = addressOf(options.endpoint);
    this.#options = options;
    this.#deadline = createDeadline(systemTimers, options.deadlineMs);
    if (first === undefined) {
      void this.#connect(0);
    } else {
      this.#adopt(first);
    }
  }

  get status(): LinkStatus {
    if (this.#session !== undefined) {
      return this.#isStalled ? 'stalled' : 'up';
    }
    return this.#isStarting ? 'starting' : 'down';
  }

  get greeting(): Greeting | undefined {
    return this.#greeting;
  }

  get reconnects(): number {
    return this.#reconnects;
  }

  get isTracking(): boolean {
    return this.#isTracking && this.status === 'up';
  }

  async started(): Promise<void> {
    return this.#started.promise;
  }

  // Not async, as all on the way of a reply: each promise more costs every call.
  send(command: Command, { isWrite, signal }: SendOptions): Promise<unknown> {
    const session = this.#session;
    if (session === undefined || this.#isStalled) {
      return Promise.reject(this.#toOfflineError());
    }
    const reply = new Promise<unknown>((resolve, reject) => {
      const repliesBefore = this.#replies;
      const waiting = this.#deadline.begin(performance.now(), () => {
        this.#onExpired(session, repliesBefore);
        const what = `Redis at ${this.address} did not answer within ${this.#options.deadlineMs} ms`;
        reject(toLateError(what, isWrite));
      });
      const onReply = (value: unknown) => {
        this.#deadline.end(waiting);
        this.#onReply(session);
        resolve(value);
      };
      const onError = (error: unknown) => {
        this.#deadline.end(waiting);
        reject(this.#onError(session, error, isWrite));
      };
      session.send(command).then(onReply, onError);
    });
    return signal === undefined ? reply : waitForReply(reply, isWrite, signal);
  }

  track(keyStart: string): void {
    this.#tracked = keyStart;
    if (this.#session !== undefined) {
      void this.#startTracking(this.#session, keyStart);
    }
  }

  untrack(): void {
    this.#tracked = undefined;
    this.#isTracking = false;
    this.#trackedOn = undefined;
    this.send(['CLIENT', 'TRACKING', 'OFF'], { isWrite: false }).catch(() => undefined);
  }

  renew(reason: StorageError): void {
    if (this.#session !== undefined) {
      this.#drop(this.#session, reason);
    }
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    const giveUpAt = performance.now() + this.#options.deadlineMs;
    while (this.#deadline.size > 0 && this.#session !== undefined && performance.now() < giveUpAt) {
      await pause(5);
    }
    clearTimeout(this.#revive);
    this.#session?.destroy();
    this.#session = undefined;
    this.#started.resolve();
  }

  async #connect(failures: number): Promise<void> {
    await pause(failures === 0 && this.#isStarting ? 0 : backoffMs(failures));
    if (this.#isClosed) {
      return;
    }
    const { endpoint, deadlineMs, onChange, checkGreeting, onStatus } = this.#options;
    try {
      const session = await openSession({
        endpoint,
        timeoutMs: CONNECT_TIMEOUT_MS,
        abandoned: this.#abandoned,
        settleMs: Math.min(deadlineMs, CONNECT_TIMEOUT_MS / 2),
        onChange,
      });
      const problem = checkGreeting(session.greeting, this.address);
      if (problem !== undefined || this.#isClosed) {
        session.destroy();
        throw problem ?? new StorageError('CLOSED', 'The link was closed.');
      }
      this.#reconnects += this.#isStarting ? 0 : 1;
      this.#adopt(session);
      onStatus();
    } catch (error) {
      this.#problem =
        error instanceof StorageError ? error : toStorageError(error, { address: this.address, isWrite: false });
      this.#isStarting = false;
      this.#started.resolve();
      onStatus();
      void this.#connect(failures + 1);
    }
  }

  #adopt(session: Session): void {
    this.#session = session;
    this.#greeting = session.greeting;
    this.#replies = 0;
    this.#isStarting = false;
    this.#isStalled = false;
    this.#abandoned = [];
    void session.lost.then((reason) =>
      this.#drop(session, toStorageError(reason, { address: this.address, isWrite: false })),
    );
    if (this.#tracked !== undefined) {
      void this.#startTracking(session, this.#tracked);
    }
    this.#started.resolve();
  }

  async #startTracking(session: Session, keyStart: string): Promise<void> {
    if (this.#trackedOn === session) {
      return;
    }
    this.#trackedOn = session;
    try {
      await this.send(['CLIENT', 'TRACKING', 'ON', 'BCAST', 'PREFIX', keyStart, 'NOLOOP'], { isWrite: false });
    } catch (error) {
      // A server that tells these keys already refuses to be asked again.
      if (!(error instanceof StorageError && String(error.cause).includes('overlaps'))) {
        this.#trackedOn = undefined;
        return;
      }
    }
    if (this.#session === session && this.#tracked === keyStart) {
      this.#isTracking = true;
      this.#options.onStatus();
    }
  }

  #drop(session: Session, reason: StorageError): void {
    if (this.#session !== session) {
      return;
    }
    this.#session = undefined;
    this.#isStalled = false;
    this.#isTracking = false;
    this.#problem = reason;
    this.#abandoned.push(session.identity);
    clearTimeout(this.#revive);
    session.destroy();
    this.#options.onStatus();
    if (!this.#isClosed) {
      void this.#connect(0);
    }
  }

  #onReply(session: Session): void {
    if (this.#session !== session) {
      return;
    }
    this.#replies += 1;
    if (this.#isStalled) {
      this.#isStalled = false;
      clearTimeout(this.#revive);
      this.#options.onStatus();
    }
  }

  #onError(session: Session, error: unknown, isWrite: boolean): StorageError {
    const mapped = toStorageError(error, { address: this.address, isWrite });
    if (error instanceof ErrorReply) {
      this.#onReply(session);
      if (DEMOTED.has(readReplyCode(error) ?? '')) {
        this.#drop(session, mapped);
      }
    }
    return mapped;
  }

  /** A call expired. When nothing at all came since it was sent, it is the server or the network, not the call. */
  #onExpired(session: Session, repliesBefore: number): void {
    if (this.#session !== session || this.#replies !== repliesBefore || this.#isStalled) {
      return;
    }
    this.#isStalled = true;
    this.#revive = setTimeout(() => {
      this.#drop(session, new StorageError('UNAVAILABLE', `Redis at ${this.address} does not answer.`));
    }, REVIVE_MS).unref();
    this.#options.onStatus();
  }

  #toOfflineError(): StorageError {
    if (this.#isStalled) {
      return new StorageError('UNAVAILABLE', `Redis at ${this.address} does not answer; nothing was sent.`);
    }
    const cause = this.#problem;
    const detail = cause === undefined ? '' : ` ${cause.message}`;
    return new StorageError('UNAVAILABLE', `Redis at ${this.address} is not connected; nothing was sent.${detail}`, {
      cause,
    });
  }
}

/** Waits without keeping the process alive. */
async function pause(ms: number): Promise<void> {
  return sleep(ms, undefined, { ref: false });
}
