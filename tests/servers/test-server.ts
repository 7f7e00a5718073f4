/** A real server of its own for the tests of one file. Every call waits until what it asks for is so. */
export interface TestServer {
  /** Where clients connect, with name and password. The same after a restart. */
  readonly url: string;
  /** The main process; `undefined` while the server does not run, and for a server that was there before. */
  readonly pid: number | undefined;
  /** Ends it in order. The data stay until the end of the test. */
  stop(): Promise<void>;
  /** Ends all its processes at once, as a crash does (SIGKILL). */
  kill(): Promise<void>;
  /** Freezes all its processes (SIGSTOP): connections stay open, nothing answers. */
  pause(): Promise<void>;
  /** Lets frozen processes go on. */
  resume(): Promise<void>;
  /** Starts it again on the same port with the data that it had; stops it first when it runs. */
  restart(): Promise<void>;
}

/** What all servers take when they start. */
export interface ServerOptions {
  /**
   * Takes what ends the server and removes its folder; hand in the hook of the test runner (`onTestFinished`, `afterAll`).
   * Without it the server lives until the process of the test ends, however that ends.
   */
  readonly onEnd?: (end: () => Promise<void>) => void;
  /** The test stops, kills or pauses it: a server that was there before (`REDIS_URL`) will not do. Default false. */
  readonly faults?: boolean;
}
