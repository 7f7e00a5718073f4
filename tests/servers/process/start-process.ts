import { chown, mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import type { ServerOptions } from '../test-server.ts';
import { type ClaimedPort, claimPort } from './claim-port.ts';
import { guardFolder } from './guard-folder.ts';
import type { ProcessPlan, ServerPlace, ServerProcess } from './process-plan.ts';
import { removeServerFolder } from './remove-server-folder.ts';
import { readServerLog, runServer, type ServerRun } from './run-server.ts';
import { killProcesses, pauseProcesses, resumeProcesses, sendSignal } from './signal-processes.ts';

const STOP_WITHIN_MS = 60_000;
const PORT_ATTEMPTS = 8;

/** Starts a server in a temporary folder, on free ports, and waits until it answers. */
export async function startProcess(plan: ProcessPlan, options: ServerOptions = {}): Promise<ServerProcess> {
  const folder = await mkdtemp(join(tmpdir(), `sorcha-${plan.name}-`));
  const release = guardFolder(folder);
  const claims: ClaimedPort[] = [];
  const end = async () => {
    await removeServerFolder(folder);
    release();
    await releaseAll(claims);
  };
  options.onEnd?.(end);
  try {
    if (plan.user !== undefined) {
      await chown(folder, plan.user.uid, plan.user.gid);
    }
    await plan.prepare?.(folder);
    const { place, run } = await runOnFreePorts(plan, folder, claims);
    return createServerProcess(plan, place, run, end);
  } catch (error) {
    await end();
    throw error;
  }
}

/** Tries other ports when a program that is none of ours took one after it was found free. */
async function runOnFreePorts(
  plan: ProcessPlan,
  folder: string,
  claims: ClaimedPort[],
): Promise<{ readonly place: ServerPlace; readonly run: ServerRun }> {
  for (let attempt = 1; ; attempt++) {
    const first = await claimPort();
    claims.push(first);
    while (claims.length < (plan.portCount ?? 1)) {
      claims.push(await claimPort());
    }
    const place = { folder, port: first.port, ports: claims.map(({ port }) => port) };
    try {
      return { place, run: await runServer(plan, place) };
    } catch (error) {
      if (attempt === PORT_ATTEMPTS || !/address already in use/i.test(await readServerLog(folder))) {
        throw error;
      }
      await releaseAll(claims);
    }
  }
}

async function releaseAll(claims: ClaimedPort[]): Promise<void> {
  await Promise.all(claims.splice(0).map(({ release }) => release()));
}

function createServerProcess(
  plan: ProcessPlan,
  place: ServerPlace,
  firstRun: ServerRun,
  end: () => Promise<void>,
): ServerProcess {
  const { folder } = place;
  let run = firstRun;
  const stop = async () => {
    if (!run.hasEnded()) {
      sendSignal(run.pid, plan.stopSignal ?? 'SIGTERM');
      // A frozen one takes the signal only when it goes on.
      await resumeProcesses(folder);
      await Promise.race([run.waitForEnd(), delay(STOP_WITHIN_MS, undefined, { ref: false })]);
      if (!run.hasEnded()) {
        throw new Error(`The ${plan.name} server did not stop within ${STOP_WITHIN_MS} ms`);
      }
    }
    await killProcesses(folder);
  };
  return {
    ...place,
    get pid() {
      return run.hasEnded() ? undefined : run.pid;
    },
    stop,
    kill: async () => {
      await killProcesses(folder);
      await run.waitForEnd();
    },
    pause: async () => pauseProcesses(folder),
    resume: async () => resumeProcesses(folder),
    restart: async () => {
      await stop();
      run = await runServer(plan, place);
    },
    readLog: async () => readServerLog(folder),
    end,
  };
}
