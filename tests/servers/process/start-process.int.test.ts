import { existsSync } from 'node:fs';
import { createServer } from 'node:net';
import { afterEach, describe, expect, it, onTestFinished } from 'vitest';
import { claimPort } from './claim-port.ts';
import { findProcess, listProcesses } from './list-processes.ts';
import type { ProcessPlan } from './process-plan.ts';
import { startProcess } from './start-process.ts';

/**
 * A server with a child of its own that ignores what asks it to end, as PostgreSQL's children are deaf to its group, and
 * outlives it. So it has the folder on its command line, too.
 */
const PROGRAM = `
  const { spawn } = require('node:child_process');
  const [, folder, port] = process.argv;
  const child = spawn(process.execPath, ['--eval', 'process.on("SIGTERM", () => {}); setInterval(() => {}, 1000)', folder], {
    detached: true, stdio: 'inherit',
  });
  require('node:http').createServer((request, response) => response.end(String(process.pid))).listen(Number(port), '127.0.0.1');
  console.log('child', child.pid);`;

const plan: ProcessPlan = {
  name: 'answer',
  command: ({ folder, port }) => ({ command: process.execPath, args: ['--eval', PROGRAM, folder, String(port)] }),
  checkReady: async ({ port }, pid) => {
    const response = await fetch(`http://127.0.0.1:${port}`);
    expect(await response.text()).toBe(String(pid));
  },
};

const answers = async (port: number, timeoutMs = 5_000) =>
  fetch(`http://127.0.0.1:${port}`, { signal: AbortSignal.timeout(timeoutMs) }).then(
    () => true,
    () => false,
  );

describe('a server process', () => {
  it('answers once it is started, and is gone with its children and its folder at the end', async () => {
    const server = await startProcess(plan);
    expect(await answers(server.port)).toBe(true);
    expect(listProcesses(server.folder)).toHaveLength(2);
    await server.end();
    expect(await answers(server.port)).toBe(false);
    expect(listProcesses(server.folder)).toEqual([]);
    expect(existsSync(server.folder)).toBe(false);
    await server.end();
  });

  it('has no process left after a kill and after a stop, and starts again on the same port', async () => {
    const server = await startProcess(plan, { onEnd: onTestFinished });
    for (const end of [server.kill, server.stop]) {
      const { pid, port } = server;
      const processes = listProcesses(server.folder);
      expect(processes).toHaveLength(2);
      await end();
      expect(server.pid).toBeUndefined();
      expect(processes.filter((one) => findProcess(one.pid) !== undefined)).toEqual([]);
      expect(listProcesses(server.folder)).toEqual([]);
      expect(await answers(port)).toBe(false);
      await server.restart();
      expect(server.port).toBe(port);
      expect(server.pid).not.toBe(pid);
      expect(await answers(port)).toBe(true);
    }
  });

  it('neither answers nor runs while it is paused, and goes on where it was', async () => {
    const server = await startProcess(plan, { onEnd: onTestFinished });
    const { pid } = server;
    await server.pause();
    expect(listProcesses(server.folder).map(({ isPaused }) => isPaused)).toEqual([true, true]);
    expect(await answers(server.port, 300)).toBe(false);
    await server.resume();
    expect(await answers(server.port)).toBe(true);
    expect(server.pid).toBe(pid);
  });

  it('can be stopped, killed and ended while it is paused', async () => {
    const server = await startProcess(plan, { onEnd: onTestFinished });
    await server.pause();
    await server.stop();
    await server.restart();
    await server.pause();
    await server.kill();
    await server.restart();
    await server.pause();
    await server.end();
    expect(listProcesses(server.folder)).toEqual([]);
  });

  it('shares no port with one that starts at the same moment', async () => {
    const servers = await Promise.all([1, 2, 3].map(async () => startProcess(plan, { onEnd: onTestFinished })));
    expect(new Set(servers.map(({ port }) => port)).size).toBe(3);
  });

  it('keeps its port while it does not run', async () => {
    const server = await startProcess({ ...plan, portCount: 2 }, { onEnd: onTestFinished });
    expect(server.ports).toHaveLength(2);
    await server.kill();
    const others = await Promise.all(Array.from({ length: 20 }, claimPort));
    onTestFinished(async () => void (await Promise.all(others.map(({ release }) => release()))));
    expect(others.map(({ port }) => port).filter((port) => server.ports.includes(port))).toEqual([]);
  });
});

describe('a server that does not start', () => {
  const folders: string[] = [];
  afterEach(() => {
    expect(folders.splice(0).filter((folder) => existsSync(folder) || listProcesses(folder).length > 0)).toEqual([]);
  });
  const run = (program: string): ProcessPlan['command'] => {
    return ({ folder, port }) => {
      folders.push(folder);
      return { command: process.execPath, args: ['--eval', program, folder, String(port)] };
    };
  };

  it('fails with what it wrote, and leaves nothing', async () => {
    const command = run('console.error("no room on the disk"); process.exitCode = 1');
    await expect(startProcess({ ...plan, command })).rejects.toThrow(
      /answer server ended before it answered. It wrote:\nno room on the disk/,
    );
  });

  it('fails when its program does not exist', async () => {
    const command: ProcessPlan['command'] = ({ folder }) => ({ command: '/no/such/program', args: [folder] });
    await expect(startProcess({ ...plan, command })).rejects.toThrow('Cannot run /no/such/program');
  });

  it('fails when its processes could not be found', async () => {
    const command: ProcessPlan['command'] = () => ({ command: process.execPath, args: ['--version'] });
    await expect(startProcess({ ...plan, command })).rejects.toThrow(/does not name its folder/);
  });

  it('leaves nothing when it cannot be prepared', async () => {
    const prepare = async (folder: string) => {
      folders.push(folder);
      throw new Error('no template');
    };
    await expect(startProcess({ ...plan, prepare })).rejects.toThrow('no template');
  });

  it('is given another port when a program took its own meanwhile, also one that accepts and is silent', async () => {
    const taken: number[] = [];
    const refusal = run('console.error("bind: Address already in use"); process.exitCode = 1');
    const command: ProcessPlan['command'] = (place) => {
      if (taken.length === 2) {
        return plan.command(place);
      }
      taken.push(place.port);
      const thief = createServer().listen(place.port, '127.0.0.1');
      onTestFinished(() => void thief.close());
      return refusal(place);
    };
    const server = await startProcess({ ...plan, command });
    expect(taken).toHaveLength(2);
    expect(taken).not.toContain(server.port);
    await server.end();
  });
});
