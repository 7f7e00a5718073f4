import { connect, createServer, type Server, type Socket } from 'node:net';

/** Gives a lock back. */
export type Release = () => Promise<void>;

/**
 * Takes a lock that one process of this machine can hold, or returns `undefined` when another has it.
 *
 * The lock is a listening socket in Linux's abstract namespace: the kernel gives it back when its owner dies, and it
 * reaches exactly as far as the ports of the loopback interface do.
 */
export async function tryLock(name: string): Promise<Release | undefined> {
  const waiting = new Set<Socket>();
  const server = createServer((socket) => {
    waiting.add(socket.unref());
    socket.on('error', () => undefined).on('close', () => waiting.delete(socket));
  });
  if (!(await listen(server, name))) {
    return undefined;
  }
  server.unref();
  return async () => {
    const closed = new Promise<void>((resolve) => server.close(() => resolve()));
    for (const socket of waiting) {
      socket.destroy();
    }
    await closed;
  };
}

/** Runs `work` while no other process of this machine runs work under the same name. */
export async function withLock<T>(name: string, work: () => Promise<T>): Promise<T> {
  let release = await tryLock(name);
  while (release === undefined) {
    await waitForRelease(name);
    release = await tryLock(name);
  }
  try {
    return await work();
  } finally {
    await release();
  }
}

const socketPath = (name: string) => `\0sorcha-test-servers/${name}`;

function listen(server: Server, name: string): Promise<boolean> {
  return new Promise((resolve, reject) => {
    server.once('error', (error: NodeJS.ErrnoException) =>
      error.code === 'EADDRINUSE' ? resolve(false) : reject(error),
    );
    server.listen({ path: socketPath(name) }, () => resolve(true));
  });
}

/** The owner keeps the connection open until it gives the lock back or dies. */
function waitForRelease(name: string): Promise<void> {
  return new Promise((resolve) => {
    connect({ path: socketPath(name) })
      .on('error', () => undefined)
      .on('close', () => resolve())
      .resume();
  });
}
