import { StorageError } from '@sorcha/storage';
import { Client } from 'pg';
import { endClient } from './end-client.ts';
import type { Idle } from './idle-members.ts';
import { toConnectError } from './map-postgres-error.ts';
import type { CheckedPostgresOptions } from './postgres-options.ts';
import { setUpSession } from './session-settings.ts';
import type { PreparedStatements, StatementNames } from './statement-names.ts';

/** A connected client and what belongs to it. */
export interface PoolMember extends Idle {
  readonly client: Client;
  /** The process of the server that it talks to. */
  readonly pid: number;
  readonly prepared: PreparedStatements;
  /** Says whether the server has not ended the connection. */
  readonly isOpen: () => boolean;
}

/** What becomes of members when their connections end. */
export interface MemberEnds {
  /** Is told of a connection that ended, also by itself. */
  onEnd(member: PoolMember): void;
  /** Is told of one that is being ended. */
  track(ended: Promise<unknown>): void;
}

/** Makes a connection and prepares it. `UNAVAILABLE`, `INCOMPATIBLE_SERVER`. */
export async function connectMember(
  options: CheckedPostgresOptions,
  names: StatementNames,
  ends: MemberEnds,
): Promise<PoolMember> {
  const { place, statementTimeoutMs } = options;
  const client = new Client(options.client);
  let isOpen = true;
  // A connection that is lost while nobody uses it is not handed out again; one in use tells its call.
  client.on('error', () => {
    isOpen = false;
  });
  const end = () => ends.track(endClient(client));
  // A server may accept a connection and then say nothing.
  const timer = setTimeout(end, options.client.connectionTimeoutMillis);
  try {
    await client.connect();
    const pid = await setUpSession(client, statementTimeoutMs, place);
    const member = { client, pid, prepared: names.createPrepared(), isOpen: () => isOpen, end };
    client.on('end', () => {
      isOpen = false;
      ends.onEnd(member);
    });
    return member;
  } catch (error) {
    end();
    throw error instanceof StorageError ? error : toConnectError(error, place);
  } finally {
    clearTimeout(timer);
  }
}
