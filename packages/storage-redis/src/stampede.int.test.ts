import { type ChildProcess, fork } from 'node:child_process';
import { join } from 'node:path';
import { startRedis } from '@sorcha/test-servers';
import { describe, expect, it, onTestFinished } from 'vitest';
import { z } from 'zod';

const PROGRAM = join(import.meta.dirname, 'testing', 'stampede-process.ts');
const PROCESSES = 4;
const CALLS = 250;
const FACTORY_MS = 300;

const reportSchema = z.object({ factoryCalls: z.number(), makers: z.array(z.number()) });

async function nextMessage(child: ChildProcess): Promise<unknown> {
  return new Promise((resolve) => {
    child.once('message', resolve);
  });
}

async function startProcess(url: string, prefix: string): Promise<ChildProcess> {
  const args = [url, prefix, String(CALLS), String(FACTORY_MS)];
  const child = fork(PROGRAM, args, { execArgv: ['--conditions=sorcha-source'] });
  onTestFinished(() => {
    child.kill('SIGKILL');
  });
  await nextMessage(child);
  return child;
}

describe('1,000 calls for one cold key in 4 processes', () => {
  it('ask the factory once, and all get its value', async () => {
    const server = await startRedis({ onEnd: onTestFinished });
    const prefix = `stampede-${process.pid}`;
    const children = await Promise.all(Array.from({ length: PROCESSES }, async () => startProcess(server.url, prefix)));
    const answers = children.map(async (child) => reportSchema.parse(await nextMessage(child)));
    children.forEach((child) => child.send('go'));
    const reports = await Promise.all(answers);
    expect(reports.reduce((sum, { factoryCalls }) => sum + factoryCalls, 0)).toBe(1);
    const makers = new Set(reports.flatMap((report) => report.makers));
    expect(makers.size).toBe(1);
  });

  it('are answered although the process that makes the value dies', async () => {
    const server = await startRedis({ onEnd: onTestFinished });
    const prefix = `stampede-death-${process.pid}`;
    const [first, ...others] = await Promise.all(
      Array.from({ length: PROCESSES }, async () => startProcess(server.url, prefix)),
    );
    first?.send('go');
    await new Promise((resolve) => setTimeout(resolve, FACTORY_MS / 3));
    first?.kill('SIGKILL');
    const answers = others.map(async (child) => reportSchema.parse(await nextMessage(child)));
    others.forEach((child) => child.send('go'));
    const reports = await Promise.all(answers);
    expect(reports.reduce((sum, { factoryCalls }) => sum + factoryCalls, 0)).toBe(1);
    expect(new Set(reports.flatMap((report) => report.makers)).size).toBe(1);
  });
});
