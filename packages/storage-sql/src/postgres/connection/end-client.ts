import type { Client } from 'pg';

/** How long a server has to answer a goodbye. */
const GOODBYE_MS = 2_000;

/** Ends a connection: in order while the server answers, else by closing the socket. Never throws. */
export async function endClient(client: Client): Promise<void> {
  const timer = setTimeout(() => client.connection.stream.destroy(), GOODBYE_MS);
  // With a statement under way the driver closes the socket at once.
  await client.end().catch(() => undefined);
  clearTimeout(timer);
}
