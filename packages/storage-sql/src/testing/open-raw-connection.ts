import { Client } from 'pg';

/** Connects to a PostgreSQL past all stores, for tests. @param onEnd takes what ends the connection. */
export async function openRawConnection(url: string, onEnd: (end: () => Promise<void>) => void): Promise<Client> {
  const client = new Client(url);
  client.on('error', () => undefined);
  await client.connect();
  onEnd(async () => client.end());
  return client;
}
