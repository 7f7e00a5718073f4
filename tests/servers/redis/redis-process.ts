import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { ServerProcess } from '../process/process-plan.ts';
import { startProcess } from '../process/start-process.ts';
import { toTestServer } from '../process/to-test-server.ts';
import type { ServerOptions, TestServer } from '../test-server.ts';
import { askRedis } from './ask-redis.ts';
import { redisRequirement } from './redis-requirement.ts';

/** Settings of `redis.conf`, by name. */
export type RedisConfig = Readonly<Record<string, string>>;

/** A Redis that was started for a test. */
export interface RedisServer extends TestServer {
  readonly port: number;
  /** Where the nodes of a cluster talk to each other; `undefined` outside one. */
  readonly busPort: number | undefined;
  /** Sends a command of which the answer is a text or a number. */
  ask(...command: readonly string[]): Promise<string>;
  /** Ends it at once and removes what it kept. */
  end(): Promise<void>;
}

const DEFAULTS: RedisConfig = {
  bind: '127.0.0.1',
  // Every acknowledged write is in the hands of the operating system: it outlives the process.
  appendonly: 'yes',
  save: '""',
  // Keeps the folder on the command line, which Redis rewrites.
  'proc-title-template': '"{title} {config-file} {listen-addr} {server-mode}"',
};

/** Starts a Redis of its own. */
export async function startRedisProcess(config: RedisConfig, options: ServerOptions): Promise<RedisServer> {
  const command = redisRequirement.find();
  const password = config['requirepass'];
  const isCluster = config['cluster-enabled'] === 'yes';
  const server = await startProcess(
    {
      name: 'redis',
      portCount: isCluster ? 2 : 1,
      prepare: async (folder) => {
        const lines = Object.entries({ ...DEFAULTS, dir: `"${folder}"`, ...config });
        await writeFile(join(folder, 'redis.conf'), lines.map(([name, value]) => `${name} ${value}\n`).join(''));
      },
      command: ({ folder, ports: [port = 0, busPort = 0] }) => ({
        command,
        args: [
          join(folder, 'redis.conf'),
          '--port',
          String(port),
          ...(isCluster ? ['--cluster-port', String(busPort)] : []),
        ],
      }),
      checkReady: async ({ port }, pid) => {
        // Refused while the data are being loaded.
        await askRedis({ port, password }, 'PING');
        const info = await askRedis({ port, password }, 'INFO', 'server');
        if (!info.includes(`\nprocess_id:${pid}\r`)) {
          throw new Error(`Another Redis answers on port ${port}`);
        }
      },
    },
    options,
  );
  return toRedisServer(server, password);
}

function toRedisServer(server: ServerProcess, password: string | undefined): RedisServer {
  const {
    port,
    ports: [, busPort],
  } = server;
  const login = password === undefined ? '' : `:${encodeURIComponent(password)}@`;
  return Object.assign(toTestServer(server, `redis://${login}127.0.0.1:${port}`), {
    port,
    busPort,
    ask: async (...command: readonly string[]) => askRedis({ port, password }, ...command),
    end: async () => server.end(),
  });
}
