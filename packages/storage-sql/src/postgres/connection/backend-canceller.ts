import { Client, type ClientConfig } from 'pg';
import { endClient } from './end-client.ts';

/** Asks the server to end what another connection is doing. */
export interface BackendCanceller {
  /** Cancels the statement of a backend. Never throws: a server that cannot be asked goes on by itself. */
  cancel(pid: number): Promise<void>;
  close(): Promise<void>;
}

/** How long asking may take. */
const CANCEL_TIMEOUT_MS = 2_000;

/** For so long the connection stays open for further cancellations. */
const IDLE_MS = 1_000;

/**
 * Creates a canceller that connects when it is first asked. It has one connection of its own, because those of the pool may all
 * be the ones to cancel; when many calls are cancelled at once, they take turns on it.
 */
export function createBackendCanceller(config: ClientConfig): BackendCanceller {
  let client: Promise<Client> | undefined;
  let last: Promise<void> = Promise.resolve();
  let idle: NodeJS.Timeout | undefined;

  const connect = async (): Promise<Client> => {
    const opened = new Client({
      ...config,
      connectionTimeoutMillis: CANCEL_TIMEOUT_MS,
      query_timeout: CANCEL_TIMEOUT_MS,
    });
    opened.on('error', () => undefined);
    await opened.connect();
    return opened;
  };
  const disconnect = async (): Promise<void> => {
    clearTimeout(idle);
    const opened = client;
    client = undefined;
    await opened?.then(endClient).catch(() => undefined);
  };
  const ask = async (pid: number): Promise<void> => {
    clearTimeout(idle);
    client ??= connect();
    try {
      await (await client).query('select pg_cancel_backend($1)', [pid]);
      idle = setTimeout(() => void disconnect(), IDLE_MS);
      idle.unref();
    } catch {
      await disconnect();
    }
  };
  return {
    cancel: async (pid) => {
      last = last.then(async () => ask(pid));
      await last;
    },
    close: async () => {
      await last;
      await disconnect();
    },
  };
}
