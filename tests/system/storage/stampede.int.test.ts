import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { createTemporaryFolder } from '@sorcha/storage/testing';
import { startRedis } from '@sorcha/test-servers';
import { describe, expect, it, onTestFinished } from 'vitest';
import { z } from 'zod';

const PROGRAM = join(import.meta.dirname, 'stampede-program.ts');
const PROCESSES = 4;
const CALLS = 250;
/** From one that is done before others ask, to one for which all wait. */
const FACTORY_MS = [0, 20, 200] as const;
const KEYS = 5;

const answerSchema = z.object({ count: z.number(), makers: z.array(z.number()) });

/** Starts a process that has opened its cache when this returns. */
async function startProcess(url: string, notes: string): Promise<ChildProcess> {
  const child = fork(PROGRAM, [String(CALLS), notes], {
    execArgv: ['--conditions=sorcha-source'],
    env: {
      PATH: process.env['PATH'],
      SORCHA__STORAGE__HOT__PROVIDER: 'redis',
      SORCHA__STORAGE__HOT__URL: url,
      SORCHA__STORAGE__HOT__PREFIX: `stampede-${process.pid}`,
      // A machine that is busy must not look like an outage, in which every process makes its own value.
      SORCHA__STORAGE__HOT__DEADLINE_MS: '5000',
    },
  });
  onTestFinished(() => {
    child.kill('SIGKILL');
  });
  await once(child, 'message');
  return child;
}

describe('1,000 calls of getOrSet for one cold key in 4 processes on Redis (FR-013)', () => {
  it(`call the factory once, for ${FACTORY_MS.length * KEYS} keys and factories of ${FACTORY_MS.join(', ')} ms`, async () => {
    const redis = await startRedis({ onEnd: onTestFinished });
    const notes = join(await createTemporaryFolder(onTestFinished), 'factory-calls');
    const children = await Promise.all(Array.from({ length: PROCESSES }, async () => startProcess(redis.url, notes)));
    const orders = FACTORY_MS.flatMap((factoryMs) =>
      Array.from({ length: KEYS }, (_, index) => ({ key: `cold:${factoryMs}:${index}`, factoryMs })),
    );
    for (const order of orders) {
      const startedAt = performance.now();
      const answers = children.map(async (child) => {
        const received: unknown[] = await once(child, 'message');
        return answerSchema.parse(received[0]);
      });
      children.forEach((child) => child.send(order));
      const reports = await Promise.all(answers);
      const tookMs = (performance.now() - startedAt).toFixed(0);
      expect(reports.reduce((sum, { count }) => sum + count, 0)).toBe(PROCESSES * CALLS);
      expect(new Set(reports.flatMap(({ makers }) => makers)).size).toBe(1);
      process.stderr.write(
        `stampede: 1,000 calls, a factory of ${order.factoryMs} ms, all answered after ${tookMs} ms\n`,
      );
    }
    const made = (await readFile(notes, 'utf8')).trimEnd().split('\n');
    expect(made.map((line) => line.split(' ')[0])).toEqual(orders.map(({ key }) => key));
    const ended = children.map(async (child) => once(child, 'exit'));
    children.forEach((child) => child.send('end'));
    await Promise.all(ended);
  });
});
