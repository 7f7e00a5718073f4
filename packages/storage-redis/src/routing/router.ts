import type { Link, SendOptions } from '../connection/link.ts';
import type { Command } from '../connection/open-session.ts';

/** Finds the server for a key. */
export interface Router {
  /** Sends a command about one key (as it stands in Redis) to the server that has it. Errors as `Link.send`. */
  send(storedKey: string, command: Command, options: SendOptions): Promise<unknown>;
  /** Whether keys are spread over slots, so that a command can only be about keys of one slot. */
  readonly isCluster: boolean;
  /** The links to all servers that have keys now. */
  masters(): readonly Link[];
  /** Whether a server that has keys may be missing among `masters`. */
  readonly isComplete: boolean;
  /** A key that starts with `start` and is kept by that server; `undefined` when there is none to be found. */
  keyOn(link: Link, start: string): string | undefined;
  /** Asks again which server has what. */
  refresh(): Promise<void>;
  close(): Promise<void>;
}

/** Creates the router of a single server. */
export function createSingleRouter(link: Link): Router {
  return {
    isCluster: false,
    isComplete: true,
    send: (_storedKey, command, options) => link.send(command, options),
    masters: () => [link],
    keyOn: (_link, start) => start,
    refresh: async () => undefined,
    close: async () => link.close(),
  };
}
