import { setTimeout as delay } from 'node:timers/promises';
import { findProcess, listProcesses, type RunningProcess } from './list-processes.ts';

const ROUND_MS = 2;
/** After so many rounds they are looked for again: another process may have the number of one that is gone. */
const ROUNDS = 50;
const MAX_WAIT_MS = 20_000;

/** Ends all processes of the server in a folder with SIGKILL and waits until none is left. */
export async function killProcesses(folder: string): Promise<void> {
  await signalUntil(folder, 'SIGKILL', () => true);
}

/** Freezes all processes of the server in a folder and waits until none runs. */
export async function pauseProcesses(folder: string): Promise<void> {
  await signalUntil(folder, 'SIGSTOP', ({ isPaused }) => !isPaused);
}

/** Lets all processes of the server in a folder go on. */
export async function resumeProcesses(folder: string): Promise<void> {
  await signalUntil(folder, 'SIGCONT', ({ isPaused }) => isPaused);
}

/** Goes round again until no process is left to signal: new ones can appear between a look and a signal. */
async function signalUntil(
  folder: string,
  signal: NodeJS.Signals,
  isLeft: (running: RunningProcess) => boolean,
): Promise<void> {
  const deadline = Date.now() + MAX_WAIT_MS;
  for (;;) {
    const left = listProcesses(folder).filter(isLeft);
    if (left.length === 0) {
      return;
    }
    if (Date.now() > deadline) {
      const pids = left.map(({ pid }) => pid).join(', ');
      throw new Error(`${signal} had no effect on the processes ${pids} of ${folder} for ${MAX_WAIT_MS} ms`);
    }
    for (const { pid } of left) {
      sendSignal(pid, signal);
    }
    // To look at all processes of the machine again and again would slow down what is measured meanwhile.
    const isAnyLeft = () => left.map(({ pid }) => findProcess(pid)).some((one) => one !== undefined && isLeft(one));
    for (let round = 0; round === 0 || (round < ROUNDS && isAnyLeft()); round += 1) {
      await delay(ROUND_MS);
    }
  }
}

/** Sends a signal to a process that may be gone. */
export function sendSignal(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(pid, signal);
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'ESRCH')) {
      throw error;
    }
  }
}
