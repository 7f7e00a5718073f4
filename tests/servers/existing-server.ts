import type { TestServer } from './test-server.ts';

/** Wraps a server that somebody else runs, named by an environment variable: it can be used, but not harmed. */
export function createExistingServer(variable: string, url: string): TestServer {
  const refuse = async () => {
    throw new Error(
      `The server of ${variable} is not ours to stop; a test that does must start one with { faults: true }`,
    );
  };
  return {
    url,
    pid: undefined,
    // Who only wants to be done with it may say so.
    stop: async () => undefined,
    kill: refuse,
    pause: refuse,
    resume: refuse,
    restart: refuse,
  };
}
