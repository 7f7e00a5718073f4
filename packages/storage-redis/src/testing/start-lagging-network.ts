import { once } from 'node:events';
import { connect, createServer, type Socket } from 'node:net';

/** A network between a client and a server that can hold back what the client sends. */
export interface LaggingNetwork {
  /** Where clients connect. */
  readonly url: string;
  /** How many connections were made through it. */
  connections(): number;
  /** Holds back what is sent on the connections that there are now; new ones are not touched. */
  hold(): void;
  /** Delivers what was held back, also of clients that have hung up. */
  release(): void;
}

/** Starts a network in front of the server at `url` until the test ends. */
export async function startLaggingNetwork(url: string, onEnd: (end: () => void) => void): Promise<LaggingNetwork> {
  const target = new URL(url);
  const pairs: { readonly near: Socket; readonly far: Socket }[] = [];
  const network = createServer((near) => {
    const far = connect({ host: target.hostname, port: Number(target.port) });
    pairs.push({ near, far });
    for (const socket of [near, far]) {
      socket.on('error', () => undefined);
    }
    far.on('data', (chunk) => near.write(chunk)).on('close', () => near.destroy());
    deliver(near, far);
  });
  network.listen({ port: 0, host: '127.0.0.1' });
  await once(network, 'listening');
  onEnd(() => {
    network.close();
    for (const { near, far } of pairs) {
      near.destroy();
      far.destroy();
    }
  });
  const address = network.address();
  const port = typeof address === 'object' ? address?.port : undefined;
  const held = new Map<Socket, { readonly far: Socket; readonly chunks: Buffer[] }>();
  return {
    url: `redis://127.0.0.1:${port}`,
    connections: () => pairs.length,
    hold: () => {
      for (const { near, far } of pairs) {
        const chunks: Buffer[] = [];
        near.removeAllListeners('data').removeAllListeners('close');
        near.on('data', (chunk) => chunks.push(chunk));
        held.set(near, { far, chunks });
      }
    },
    release: () => {
      for (const [near, { far, chunks }] of held) {
        far.write(Buffer.concat(chunks));
        near.removeAllListeners('data');
        deliver(near, far);
      }
      held.clear();
    },
  };
}

function deliver(near: Socket, far: Socket): void {
  near.on('data', (chunk) => far.write(chunk)).on('close', () => far.end());
}
