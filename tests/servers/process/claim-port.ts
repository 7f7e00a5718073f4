import { createServer } from 'node:net';
import { type Release, tryLock } from './machine-lock.ts';

/** Below the range from which Linux picks ports for outgoing connections, so that no client takes one between a stop and a restart. */
const FIRST_PORT = 20_000;
const PORT_COUNT = 12_000;

/** A port of the loopback interface that no other test takes until it is given back, whether something listens or not. */
export interface ClaimedPort {
  readonly port: number;
  readonly release: Release;
}

/** Claims a port on which nothing listens. */
export async function claimPort(): Promise<ClaimedPort> {
  const start = Math.floor(Math.random() * PORT_COUNT);
  for (let step = 0; step < PORT_COUNT; step++) {
    const port = FIRST_PORT + ((start + step) % PORT_COUNT);
    const release = await tryLock(`port/${port}`);
    if (release !== undefined) {
      if (await isFree(port)) {
        return { port, release };
      }
      await release();
    }
  }
  throw new Error(`No free port from ${FIRST_PORT} to ${FIRST_PORT + PORT_COUNT - 1}`);
}

function isFree(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const probe = createServer();
    probe.once('error', () => resolve(false));
    probe.listen({ port, host: '127.0.0.1', exclusive: true }, () => probe.close(() => resolve(true)));
  });
}
