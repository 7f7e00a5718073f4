import { randomBytes } from 'node:crypto';
import { Client } from 'pg';
import type { ServerOptions, TestServer } from '../test-server.ts';

/** A PostgreSQL with a superuser's url, of the database `postgres`. */
export interface PostgresServer extends TestServer {
  /** Creates an empty database, owned by the same superuser, and returns its url. */
  createDatabase(name?: string): Promise<string>;
}

/** Adds databases to a server. On a server that outlives the test they are dropped at its end. */
export function withDatabases(
  server: TestServer,
  { onEnd, dropAtEnd }: Pick<ServerOptions, 'onEnd'> & { readonly dropAtEnd: boolean },
): PostgresServer {
  const createDatabase = async (name = `sorcha_${randomBytes(8).toString('hex')}`) => {
    await query(server.url, `create database ${quote(name)}`);
    if (dropAtEnd) {
      onEnd?.(async () => query(server.url, `drop database if exists ${quote(name)} with (force)`));
    }
    const url = new URL(server.url);
    url.pathname = encodeURIComponent(name);
    return url.href;
  };
  return Object.assign(server, { createDatabase });
}

const quote = (name: string) => `"${name.replaceAll('"', '""')}"`;

async function query(url: string, text: string): Promise<void> {
  const client = new Client({ connectionString: url });
  await client.connect();
  try {
    await client.query(text);
  } finally {
    await client.end();
  }
}
