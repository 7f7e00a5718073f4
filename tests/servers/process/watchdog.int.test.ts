import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { describe, expect, it, onTestFinished } from 'vitest';
import { z } from 'zod';
import { listProcesses } from './list-processes.ts';

const INDEX = join(import.meta.dirname, '..', 'index.ts');
const GONE_WITHIN_MS = 20_000;
const started = z.object({ redis: z.number(), postgres: z.number(), folders: z.array(z.string()) });

/** Starts servers and never ends them; `last` is what it does then. */
const program = (last: string) => `
  import { readFileSync } from 'node:fs';
  import { dirname } from 'node:path';
  const { startPostgres, startRedis } = await import(${JSON.stringify(INDEX)});
  const [redis, postgres] = await Promise.all([startRedis({ faults: true }), startPostgres({ faults: true })]);
  await postgres.pause();
  const commandLine = (pid) => readFileSync('/proc/' + pid + '/cmdline', 'utf8');
  const folders = [redis, postgres].map(({ pid }) => commandLine(pid).match(/\\/[^\\0 ]*\\/sorcha-[a-z]+-\\w+/)[0]);
  console.log(JSON.stringify({ redis: redis.pid, postgres: postgres.pid, folders }));
  ${last}`;

describe('what a process of tests started and did not end', () => {
  it.each([
    ['it is killed', 'setInterval(() => undefined, 1_000)', 'SIGKILL'],
    ['it exits', 'process.exit()', undefined],
    ['it fails', 'throw new Error("as meant")', undefined],
  ] as const)('is gone with its folders when %s, also what is paused', async (_, last, signal) => {
    const child = spawn(
      process.execPath,
      ['--conditions=sorcha-source', '--input-type=module', '--eval', program(last)],
      {
        stdio: ['ignore', 'pipe', 'ignore'],
      },
    );
    onTestFinished(() => void child.kill('SIGKILL'));
    const lines: unknown[] = await once(child.stdout.setEncoding('utf8'), 'data');
    const { redis, postgres, folders } = started.parse(JSON.parse(String(lines[0])));
    expect(new Set([redis, postgres, ...folders]).size).toBe(4);
    if (signal !== undefined) {
      expect(folders.map((folder) => listProcesses(folder).length > 0)).toEqual([true, true]);
      child.kill(signal);
    }
    const deadline = Date.now() + GONE_WITHIN_MS;
    const isLeft = (folder: string) => existsSync(folder) || listProcesses(folder).length > 0;
    while (folders.some(isLeft) && Date.now() < deadline) {
      await delay(20);
    }
    expect(folders.filter(isLeft)).toEqual([]);
  });
});
