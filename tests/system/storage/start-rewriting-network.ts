import { once } from 'node:events';
import { connect, createServer, type Socket } from 'node:net';

/** Changes what passes, in place or as a whole. */
type Rewrite = (chunk: Buffer) => Buffer;

/**
 * Starts a network in front of a server until the test ends, in which what is said is changed on the way: a real server that
 * claims to be another one. Returns the url of the server through that network.
 */
export async function startRewritingNetwork(
  serverUrl: string,
  rewrite: { readonly toServer?: Rewrite; readonly toClient?: Rewrite },
  onEnd: (end: () => void) => void,
): Promise<string> {
  const url = new URL(serverUrl);
  const target = { host: url.hostname, port: Number(url.port) };
  const { toServer = (chunk) => chunk, toClient = (chunk) => chunk } = rewrite;
  const sockets = new Set<Socket>();
  const network = createServer((near) => {
    const far = connect(target);
    for (const [from, to, change] of [
      [near, far, toServer],
      [far, near, toClient],
    ] as const) {
      sockets.add(from);
      from.on('error', () => undefined).on('close', () => to.destroy());
      from.on('data', (chunk) => to.write(change(Buffer.from(chunk))));
    }
  });
  network.listen({ port: 0, host: '127.0.0.1' });
  await once(network, 'listening');
  onEnd(() => {
    network.close();
    sockets.forEach((socket) => socket.destroy());
  });
  const address = network.address();
  url.port = String(typeof address === 'object' ? address?.port : '');
  return url.href;
}
