import type { TestServer } from '../test-server.ts';
import type { ServerUser } from './server-user.ts';

/** What a server is given to live with. */
export interface ServerPlace {
  /** A temporary folder of its own, removed at the end. */
  readonly folder: string;
  /** The first of `ports`. */
  readonly port: number;
  /** Ports of 127.0.0.1 that no other test takes until the end. */
  readonly ports: readonly number[];
}

/** A program with its arguments. */
export interface ServerCommand {
  readonly command: string;
  readonly args: readonly string[];
  /** Nothing else of the caller's environment but `PATH` is handed on. */
  readonly env?: Readonly<Record<string, string>>;
}

/** How to run one kind of server. */
export interface ProcessPlan {
  /** What it is called, in the name of its folder and in messages: `redis`. */
  readonly name: string;
  /** Fills the folder, which is empty and belongs to `user`; once, before the first start. */
  readonly prepare?: (folder: string) => Promise<void>;
  /**
   * What to run, asked at every start. The folder must be on the command line, and stay on it: the processes of the
   * server are found by its name, and by being below one that has it; a child that outlives its parent must have it, too.
   */
  readonly command: (place: ServerPlace) => ServerCommand;
  /** Fails as long as the process `pid` does not answer as it should. Asked again and again after every start. */
  readonly checkReady: (place: ServerPlace, pid: number) => Promise<void>;
  /** What asks it to end in order. Default `SIGTERM`. */
  readonly stopSignal?: NodeJS.Signals;
  /** As whom to run it. Default: the user of this process. */
  readonly user?: ServerUser | undefined;
  /** How many ports it needs. Default 1. */
  readonly portCount?: number;
}

/** A server as a process of this machine, with all that are below it. */
export interface ServerProcess extends ServerPlace, Omit<TestServer, 'url'> {
  /** What it has written to its standard output and error so far. */
  readLog(): Promise<string>;
  /** Ends it at once, removes its folder and gives its ports back. What `onEnd` is handed; repeatable. */
  end(): Promise<void>;
}
