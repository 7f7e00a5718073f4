import { createClient, RESP_TYPES } from 'redis';

/** A connection that is no store of ours: what another program would do to the same server. */
export interface RawClient {
  /** Sends a command; texts of the reply are strings. */
  ask(...command: readonly (string | Buffer)[]): Promise<unknown>;
  /** What stands under a key, byte by byte; `undefined` when there is nothing. */
  bytes(key: string): Promise<Buffer | undefined>;
}

/** Connects to a server until the test ends. */
export async function openRawClient(url: string, onEnd: (end: () => void) => void): Promise<RawClient> {
  const client = createClient({ url, disableOfflineQueue: true });
  client.on('error', () => undefined);
  await client.connect();
  onEnd(() => client.destroy());
  return {
    ask: async (...command) => client.sendCommand(command),
    bytes: async (key) => {
      const reply: unknown = await client.sendCommand(['GET', key], {
        typeMapping: { [RESP_TYPES.BLOB_STRING]: Buffer },
      });
      return reply instanceof Buffer ? reply : undefined;
    },
  };
}
