import { once } from 'node:events';
import { connect, createServer, type Socket } from 'node:net';

/** A network between a client and a server that can hold back what the client sends, or fall silent. */
export interface LaggingNetwork {
  /** Where clients connect. */
  readonly url: string;
  /** How many connections were made through it. */
  connections(): number;
  /** Holds back what is sent on the connections that there are now; new ones are not touched. */
  hold(): void;
  /** Ends the connections at the end of the client, as a proxy does that is restarted. */
  hangUp(): void;
  /** Delivers what was held back, also of clients that have hung up. */
  release(): void;
  /** Loses what is sent either way from now on, also on new connections; nobody is told. */
  cut(): void;
  /** Lets new connections through again; the old ones stay silent. */
  mend(): void;
}

/** Starts a network in front of the server at `url` until the test ends. */
export async function startLaggingNetwork(url: string, onEnd: (end: () => void) => void): Promise<LaggingNetwork> {
  const target = new URL(url);
  const pairs: { readonly near: Socket; readonly far: Socket }[] = [];
  let isCut = false;
  const network = createServer((near) => {
    if (isCut) {
      near.on('error', () => undefined).resume();
      return;
    }
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
    hangUp: () => {
      for (const { near } of pairs) {
        near.destroy();
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
    cut: () => {
      isCut = true;
      for (const { near, far } of pairs) {
        near.removeAllListeners('data').resume();
        far.removeAllListeners('data').resume();
      }
    },
    mend: () => {
      isCut = false;
    },
  };
}

function deliver(near: Socket, far: Socket): void {
  near.on('data', (chunk) => far.write(chunk)).on('close', () => far.end());
}
