import { realpathSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { Client } from 'pg';
import { createExistingServer } from '../existing-server.ts';
import type { ServerPlace } from '../process/process-plan.ts';
import { findServerUser } from '../process/server-user.ts';
import { startProcess } from '../process/start-process.ts';
import { toTestServer } from '../process/to-test-server.ts';
import type { ServerOptions } from '../test-server.ts';
import { copyDataTemplate, SUPERUSER } from './copy-data-template.ts';
import { postgresRequirement } from './postgres-requirement.ts';
import { type PostgresServer, withDatabases } from './postgres-server.ts';

/** Options of {@link startPostgres}. */
export interface PostgresOptions extends ServerOptions {
  /** Settings of the server, by name. */
  readonly config?: Readonly<Record<string, string>>;
}

/** A time zone far from UTC, with an odd offset: a provider must not depend on the server's. */
const SETTINGS: Readonly<Record<string, string>> = {
  listen_addresses: '127.0.0.1',
  unix_socket_directories: '',
  // Segments in /dev/shm would outlive a server that is killed.
  dynamic_shared_memory_type: 'mmap',
  shared_buffers: '64MB',
  max_connections: '200',
  timezone: 'Asia/Kathmandu',
};

const CONNECT_WITHIN_MS = 5_000;

/**
 * Starts a PostgreSQL on a free port of the loopback interface. It writes durably (`fsync` is on).
 *
 * With `POSTGRES_URL` set (a superuser's), that server is used by tests that neither harm nor configure it. Fails with
 * `MissingServerError` when there is none.
 */
export async function startPostgres(options: PostgresOptions = {}): Promise<PostgresServer> {
  const url = process.env['POSTGRES_URL'];
  if (url !== undefined && options.faults !== true && options.config === undefined) {
    return withDatabases(createExistingServer('POSTGRES_URL', url), { ...options, dropAtEnd: true });
  }
  const programs = dirname(realpathSync(postgresRequirement.find()));
  const user = findServerUser();
  const server = await startProcess(
    {
      name: 'postgres',
      prepare: async (folder) => copyDataTemplate(join(folder, 'data'), { initdb: join(programs, 'initdb'), user }),
      command: (place) => ({
        command: join(programs, 'postgres'),
        args: ['-D', join(place.folder, 'data'), ...toArguments({ ...settingsFor(place), ...options.config })],
      }),
      checkReady: checkThatItAnswers,
      // Ends the sessions of clients, but everything in order.
      stopSignal: 'SIGINT',
      user,
    },
    options,
  );
  return withDatabases(toTestServer(server, toUrl(server.port)), { ...options, dropAtEnd: false });
}

/** The children of the server show the name of its cluster on their command lines. */
const settingsFor = ({ folder, port }: ServerPlace) => ({
  ...SETTINGS,
  port: String(port),
  cluster_name: basename(folder),
});

const toArguments = (settings: Readonly<Record<string, string>>) =>
  Object.entries(settings).flatMap(([name, value]) => ['-c', `${name}=${value}`]);

const toUrl = (port: number) => `postgres://${SUPERUSER.name}:${SUPERUSER.password}@127.0.0.1:${port}/postgres`;

async function checkThatItAnswers({ folder, port }: ServerPlace): Promise<void> {
  const client = new Client({
    connectionString: toUrl(port),
    connectionTimeoutMillis: CONNECT_WITHIN_MS,
    query_timeout: CONNECT_WITHIN_MS,
  });
  // Told of a connection that breaks while nobody waits for an answer.
  client.on('error', () => undefined);
  try {
    await client.connect();
    const { rows } = await client.query({ text: 'show cluster_name', rowMode: 'array' });
    if (JSON.stringify(rows) !== JSON.stringify([[basename(folder)]])) {
      throw new Error(`Another PostgreSQL answers on port ${port}`);
    }
  } finally {
    await client.end().catch(() => undefined);
  }
}
