import type { TestServer } from '../test-server.ts';
import type { ServerProcess } from './process-plan.ts';

/** Shows a server process to tests: what they may do with it, and where it is. */
export function toTestServer(server: ServerProcess, url: string): TestServer {
  return {
    url,
    get pid() {
      return server.pid;
    },
    stop: async () => server.stop(),
    kill: async () => server.kill(),
    pause: async () => server.pause(),
    resume: async () => server.resume(),
    restart: async () => server.restart(),
  };
}
