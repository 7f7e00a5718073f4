import { type ChildProcess, spawn } from 'node:child_process';
import { open, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import type { ProcessPlan, ServerPlace } from './process-plan.ts';
import { killProcesses } from './signal-processes.ts';

const READY_WITHIN_MS = 90_000;
const ASK_EVERY_MS = 15;
const LOG_TAIL_LENGTH = 2_000;

/** A server from one start to its end. */
export interface ServerRun {
  readonly pid: number;
  hasEnded(): boolean;
  /** Waits until its main process has ended, in whatever way. */
  waitForEnd(): Promise<void>;
}

/** Starts the process of a plan and waits until it answers; kills it when it does not. */
export async function runServer(plan: ProcessPlan, place: ServerPlace): Promise<ServerRun> {
  const { command, args, env = {} } = plan.command(place);
  if (!args.some((arg) => arg.includes(place.folder))) {
    throw new Error(`The command line of ${plan.name} does not name its folder: its processes could not be found`);
  }
  const log = await open(logFile(place.folder), 'a');
  const child = spawn(command, args, {
    cwd: place.folder,
    detached: true,
    stdio: ['ignore', log.fd, log.fd],
    env: { PATH: process.env['PATH'], LANG: 'C.UTF-8', ...env },
    ...plan.user,
  });
  // Listens before anything else is waited for: the child tells only once that it was started.
  const [run] = await Promise.all([watch(child, command), log.close()]);
  try {
    await waitUntilReady(plan, place, run);
    child.unref();
    return run;
  } catch (error) {
    await killProcesses(place.folder);
    throw error;
  }
}

/** Reads what the server in a folder wrote to its standard output and error. */
export async function readServerLog(folder: string): Promise<string> {
  return readFile(logFile(folder), 'utf8').catch(() => '');
}

const logFile = (folder: string) => join(folder, 'output.log');

async function watch(child: ChildProcess, command: string): Promise<ServerRun> {
  let hasEnded = false;
  const ended = new Promise<void>((resolve) => {
    child.once('exit', () => {
      hasEnded = true;
      resolve();
    });
  });
  await new Promise<void>((resolve, reject) => {
    child.once('spawn', resolve);
    child.once('error', (error) => reject(new Error(`Cannot run ${command}`, { cause: error })));
  });
  if (child.pid === undefined) {
    throw new Error(`${command} has no process id`);
  }
  return {
    pid: child.pid,
    hasEnded: () => hasEnded,
    waitForEnd: async () => {
      child.ref();
      await ended;
    },
  };
}

/** A question that is never answered must hold up neither the news of an early end nor the deadline. */
async function waitUntilReady(plan: ProcessPlan, place: ServerPlace, run: ServerRun): Promise<void> {
  const over = new AbortController();
  let refusal: unknown;
  const ask = async () => {
    while (!over.signal.aborted) {
      try {
        await plan.checkReady(place, run.pid);
        break;
      } catch (error) {
        refusal = error;
      }
      await delay(ASK_EVERY_MS);
    }
    return undefined;
  };
  try {
    const trouble = await Promise.race([
      ask(),
      run.waitForEnd().then(() => 'ended before it answered'),
      delay(READY_WITHIN_MS, `did not answer within ${READY_WITHIN_MS} ms`, { signal: over.signal }),
    ]);
    if (trouble !== undefined) {
      const tail = (await readServerLog(place.folder)).slice(-LOG_TAIL_LENGTH);
      throw new Error(`The ${plan.name} server ${trouble}. It wrote:\n${tail}`, { cause: refusal });
    }
  } finally {
    over.abort();
  }
}
