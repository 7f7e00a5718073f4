import { Client, Pool } from 'pg';
import { EngineConnection } from './engine-connection.ts';
import { ENGINE_CONNECTIONS, ENGINE_USER } from './engine-settings.ts';
import { prepareDatabase } from './prepare-database.ts';

/** The engine as the commands see it. */
export interface Engine {
  /** Waits for a free connection; give it back. */
  acquire(): Promise<EngineConnection>;
  /** Runs `work` on a connection of its own. */
  use<T>(work: (connection: EngineConnection) => Promise<T>): Promise<T>;
  close(): Promise<void>;
}

/** Connects to the engine whose socket lies in `folder`, and prepares its database. */
export async function openEngine(folder: string): Promise<Engine> {
  const settings = { host: folder, user: ENGINE_USER, database: 'postgres' };
  const pool = new Pool({ ...settings, max: ENGINE_CONNECTIONS, idleTimeoutMillis: 60_000 });
  pool.on('error', () => undefined);
  pool.on('connect', (client) => client.on('error', () => undefined));
  // A connection that never waits for the pool.
  const control = new Client(settings);
  control.on('error', () => undefined);
  await control.connect();
  const cancel = async (pid: number) => {
    await control.query('SELECT pg_cancel_backend($1)', [pid]).catch(() => undefined);
  };
  const engine: Engine = {
    acquire: async () => new EngineConnection(await pool.connect(), cancel),
    use: async (work) => {
      const connection = await engine.acquire();
      try {
        return await work(connection);
      } finally {
        connection.release();
      }
    },
    close: async () => {
      await Promise.all([pool.end(), control.end()]);
    },
  };
  await engine.use(prepareDatabase);
  return engine;
}
