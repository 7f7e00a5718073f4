import { StorageError } from '@sorcha/storage';
import { ErrorReply } from 'redis';

/** Where a server of a cluster sends a command that it does not take. */
export interface Redirect {
  /** `MOVED`: from now on; `ASK`: this one command, while the slot is being moved. */
  readonly kind: 'MOVED' | 'ASK';
  readonly slot: number;
  /** Empty when the server means itself under the name by which it was asked. */
  readonly host: string;
  readonly port: number;
}

/** Reads the redirection that made a call fail; `undefined` for other errors. */
export function findRedirect(error: unknown): Redirect | undefined {
  const reply = error instanceof StorageError ? error.cause : undefined;
  const match = reply instanceof ErrorReply ? /^(MOVED|ASK) (\d+) (.*):(\d+)$/.exec(reply.message) : null;
  if (match === null) {
    return undefined;
  }
  const [, kind, slot, host = '', port] = match;
  return { kind: kind === 'ASK' ? 'ASK' : 'MOVED', slot: Number(slot), host, port: Number(port) };
}
